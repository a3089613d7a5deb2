import type * as Sdk from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { awsConfig } from './aws-clients.ts';
import { commonAwsError } from './aws-error.ts';
import { HoldfastError, messageOf, systemCode } from './errors.ts';
import { keepSecret, mask, mayBeToken } from './redact.ts';

/** Gives the text of a secret in its current version. Nothing is cached: each call reads it again. */
export type SecretReader = (name: string) => Promise<string>;

/**
 * Reads secrets from AWS Secrets Manager, with the credentials and the region that the SDK finds in its usual places.
 * What the text holds is not known here: the caller that finds a token in it hands it to `keepSecret`.
 * @param config for the SDK's client, in place of what it finds
 */
export function secretsManager(config: SecretsManagerClientConfig = {}): SecretReader {
  return (name) =>
    asking(config, name, 'read', async ({ GetSecretValueCommand }, client) => {
      // Without a version the answer is AWSCURRENT, so a rotated secret counts from its next reading.
      const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      if (SecretString !== undefined) return SecretString;
      throw new HoldfastError(
        'ConfigurationInvalid',
        `the secret ${name} is ${SecretBinary ? 'binary' : 'empty'}, but must be text`,
        { advice: 'Store it with --secret-string.' },
      );
    });
}

/** Stores a new value of a secret that exists; the one before stays there as its previous version. */
export function storeSecret(name: string, text: string, config: SecretsManagerClientConfig = {}): Promise<void> {
  return asking(config, name, 'change', async ({ PutSecretValueCommand }, client) => {
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
  });
}

/** @param doing what is done with the secret, for messages */
async function asking<T>(
  config: SecretsManagerClientConfig,
  name: string,
  doing: 'read' | 'change',
  task: (sdk: typeof Sdk, client: Sdk.SecretsManagerClient) => Promise<T>,
): Promise<T> {
  if (mayBeToken(name)) {
    keepSecret(name);
    throw new HoldfastError('Usage', 'the name of the secret looks like a token itself', {
      advice: 'Give the name under which Secrets Manager keeps it, such as prod/github-backup.',
    });
  }
  // Loaded only when needed: most commands have no secret to read.
  const sdk = await import('@aws-sdk/client-secrets-manager');
  const client = new sdk.SecretsManagerClient(awsConfig(config, { answerMs: 15_000 }));
  try {
    return await task(sdk, client);
  } catch (error) {
    throw error instanceof HoldfastError ? error : failure(error, name, doing);
  } finally {
    client.destroy();
  }
}

/**
 * Our error for one of the SDK's, without that as its cause: it holds the whole answer in a hidden field, and its words
 * quote an answer that it cannot parse.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
 */
function failure(error: unknown, name: string, doing: 'read' | 'change'): HoldfastError {
  const kind = error instanceof Error ? error.name : '';
  const said = mask(messageOf(error));
  switch (kind) {
    case 'ResourceNotFoundException':
      return new HoldfastError('ConfigurationInvalid', `there is no secret ${name}, or it has no value yet`, {
        advice: 'Create it in the same account and region, or name another one.',
      });
    case 'InvalidRequestException':
    case 'InvalidParameterException':
    case 'ValidationException':
      return new HoldfastError(
        'ConfigurationInvalid',
        `the secret ${name} cannot be ${doing === 'read' ? 'read' : 'changed'}: ${said}`,
      );
    case 'AccessDeniedException':
      return new HoldfastError('AccessDenied', `not allowed to ${doing} the secret ${name}: ${said}`, {
        advice:
          doing === 'read'
            ? 'Allow secretsmanager:GetSecretValue on it, and kms:Decrypt if it has its own KMS key.'
            : 'Allow secretsmanager:PutSecretValue on it, and kms:GenerateDataKey if it has its own KMS key.',
      });
    case 'DecryptionFailure':
      return new HoldfastError('AccessDenied', `the secret ${name} cannot be decrypted: ${said}`, {
        advice: 'Check that its KMS key is enabled and that kms:Decrypt is allowed.',
      });
    case 'ThrottlingException':
      return new HoldfastError('RateLimited', `Secrets Manager limits requests for ${name}`, {
        transient: true,
      });
    default: {
      const common = commonAwsError(error, `cannot ${doing} the secret ${name}`);
      if (common) return new HoldfastError(common.code, mask(common.message), { advice: common.advice });
      return new HoldfastError('Unavailable', `cannot ${doing} the secret ${name}: ${systemCode(error) ?? kind}`, {
        transient: true,
        advice: 'Check the network and the address of Secrets Manager.',
      });
    }
  }
}
