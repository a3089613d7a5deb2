import { HoldfastError } from '#core/runtime/errors.ts';

const regionPattern = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** @throws {HoldfastError} ConfigurationInvalid for what cannot be a region */
export function checkRegion(region: string): string {
  if (regionPattern.test(region)) return region;
  throw new HoldfastError('ConfigurationInvalid', `${JSON.stringify(region)} is not a valid region`, {
    advice: 'A region is written like eu-central-1.',
  });
}
