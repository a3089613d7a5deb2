import type { Environment } from '#core/runtime/environment.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** The regions that were named, or else the one that AWS's own tools would use. @throws {HoldfastError} Usage */
export function regionsOf(named: readonly string[], { awsRegion }: Environment): readonly string[] {
  if (named.length > 0) return named;
  if (awsRegion !== undefined) return [awsRegion];
  throw new HoldfastError('Usage', 'no region was named', { advice: 'Name it by --region, or set AWS_REGION.' });
}
