import type { DeployedSource, DeployedSourceRequest } from './deployed-source.ts';

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
