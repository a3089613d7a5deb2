import type { BackupOptions } from '#core/repositories/backup/options.ts';
import type { DeploymentConfiguration } from '#core/runtime/configuration.ts';
import type { SecretReader } from '#core/runtime/secrets-manager.ts';
import type { ListedSource } from '#core/sources/source.ts';

/**
 * What a function of a third of a processor streams in fifteen minutes with room to spare, in bytes. Larger items belong
 * into CodeBuild.
 */
export const largestForLambda = 10e9;

/** A source as a deployment describes it at this moment. */
export interface DeployedSource<Source extends ListedSource = ListedSource> {
  source: Source;
  /** `s3://bucket/prefix`. */
  vault: string;
  options: BackupOptions;
  requestsPerMinute: number;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
  close: () => void;
}

export interface DeployedSourceRequest {
  deployment: DeploymentConfiguration;
  /** In place of what the settings say, where a run has shared it out among its items. */
  requestsPerMinute?: number | undefined;
  signal: AbortSignal;
  readSecret?: SecretReader;
}
