import { HoldfastError } from '#core/runtime/errors.ts';

/** A bucket, and where in it. */
export interface VaultPlace {
  bucket: string;
  prefix: string;
}

/**
 * Refuses a secret that names another bucket, or another prefix if it names one, than the deployment grants.
 * @param secret its name
 * @param variable the Terraform variable that sets the prefix
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function checkPlace(named: VaultPlace, granted: VaultPlace, secret: string, variable: string): void {
  const { bucket, prefix } = granted;
  if (named.bucket !== bucket)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `BACKUP_S3_BUCKET in the secret ${secret} is not the bucket of this deployment`,
      {
        advice: `The deployment grants ${bucket} and no other: put that into the secret, or deploy with the other bucket.`,
      },
    );
  if (named.prefix !== '' && named.prefix !== prefix)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `BACKUP_S3_PREFIX in the secret ${secret} is not the prefix of this deployment`,
      {
        advice: `The deployment grants ${prefix === '' ? 'the top of the bucket' : prefix} and no other place: set ${variable} in its Terraform variables to what the secret says, and apply.`,
      },
    );
}
