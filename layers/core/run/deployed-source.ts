import type { BackupOptions } from '#core/backup/options.ts';
import type { DeploymentConfiguration } from '#core/runtime/configuration.ts';
import type { SecretReader } from '#core/runtime/secrets.ts';
import type { GitSource, PackageSource } from '#core/sources/source.ts';

/**
 * What a function of a third of a processor streams in fifteen minutes with room to spare, in bytes. Larger items belong
 * into CodeBuild.
 */
export const largestForLambda = 10e9;

/** A source as a deployment describes it at this moment. */
export interface DeployedSource<Source = GitSource | PackageSource> {
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

/** @throws {HoldfastError} ConfigurationInvalid */
export async function openDeployedSource(request: DeployedSourceRequest): Promise<DeployedSource> {
  switch (request.deployment.HOLDFAST_SOURCE) {
    case 'github':
      return (await import('./deployed-github.ts')).openDeployedGitHub(request.deployment, request);
    case 'codecommit':
      return (await import('./deployed-codecommit.ts')).openDeployedCodeCommit(request.deployment, request);
    case 'codeartifact':
      return (await import('./deployed-codeartifact.ts')).openDeployedCodeArtifact(request.deployment, request);
  }
}
