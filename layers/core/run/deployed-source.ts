import type { BackupOptions } from '#core/repositories/backup/options.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { SourceDefinition } from '#core/sources/definition.ts';
import type { Deployed, DeployedRequest, DeployedSource } from '#core/sources/deployed.ts';
import type { ListedSource, ReadNpmTags } from '#core/sources/source.ts';
import { definitionOf, sourceDefinitions } from '#core/sources/table.ts';

/**
 * What a function of a third of a processor streams in fifteen minutes with room to spare, in bytes. Larger items belong
 * into CodeBuild.
 */
export const largestForLambda = 10e9;

/** The source that a function's environment names. @throws {HoldfastError} ConfigurationInvalid */
export function deployedDefinition(env: NodeJS.ProcessEnv = process.env): SourceDefinition & { deployed: Deployed } {
  const { HOLDFAST_SOURCE: name } = readConfiguration(['HOLDFAST_SOURCE'], env);
  const definition = definitionOf(name);
  if (definition?.deployed) return { ...definition, deployed: definition.deployed };
  const names: string[] = (sourceDefinitions as readonly SourceDefinition[])
    .filter(({ deployed }) => deployed)
    .map((one) => one.name);
  throw new HoldfastError(
    'ConfigurationInvalid',
    `the function's environment is invalid: HOLDFAST_SOURCE must be one of ${names.join(', ')}`,
  );
}

/**
 * Opens the source of a deployment.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function openDeployedSource({
  env = process.env,
  ...request
}: Omit<DeployedRequest, 'env' | 'npmTags'> & { env?: NodeJS.ProcessEnv }): Promise<
  DeployedSource<ListedSource, BackupOptions>
> {
  const { deployed } = deployedDefinition(env);
  return withDefaults(await deployed.open({ ...request, env, npmTags: (http) => npmTagsBy(http, request.signal) }));
}

/** What the settings of a deployment do not say is as it is by default. */
export function withDefaults<From extends ListedSource>(
  opened: DeployedSource<From>,
): DeployedSource<From, BackupOptions> {
  return { ...opened, options: { ...defaultBackupOptions, ...opened.options } };
}

/** Loaded with the first package of npm. */
export function npmTagsBy(http: HttpClient, signal: AbortSignal): ReadNpmTags {
  let reader: Promise<ReadNpmTags> | undefined;
  return async (place) => {
    reader ??= import('#core/packages/registry/npm-tags.ts').then(({ npmTagReader }) => npmTagReader(http, signal));
    return (await reader)(place);
  };
}
