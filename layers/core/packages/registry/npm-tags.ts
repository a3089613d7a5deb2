import type { CodeartifactClientConfig } from '@aws-sdk/client-codeartifact';
import type { HttpClient } from '#core/runtime/http.ts';
import { defaultRetryPolicy } from '#core/runtime/retry.ts';
import type { PackagePlace, RepositoryPlace } from '#core/sources/codeartifact/places.ts';
import type { ReadNpmTags } from '#core/sources/source.ts';
import { npmTags } from '../publish/publish-npm.ts';
import { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';
import { RegistryHttp } from './registry-http.ts';
import { RegistryToken } from './registry-token.ts';

type Registry = Parameters<typeof npmTags>[0];

/**
 * Reads the tags of npm packages by npm's own protocol: CodeArtifact's API tells of none but `latest`. The token that
 * it takes is fetched when it is first needed.
 * @param client for the SDK's clients, in place of what they find
 */
export function npmTagReader(
  http: HttpClient,
  signal?: AbortSignal,
  client: CodeartifactClientConfig = {},
): ReadNpmTags {
  const registries = new Map<string, Promise<Registry>>();
  return async (place: PackagePlace) => {
    const key = [place.region, place.account, place.domain, place.repository].join('/');
    let registry = registries.get(key);
    if (!registry) {
      registry = openRegistry(place, http, signal, client);
      registries.set(key, registry);
      // What failed once may go well for the next package.
      registry.catch(() => registries.delete(key));
    }
    return npmTags(await registry, { format: 'npm', namespace: place.namespace, name: place.package });
  };
}

async function openRegistry(
  place: RepositoryPlace,
  http: HttpClient,
  signal: AbortSignal | undefined,
  client: CodeartifactClientConfig,
): Promise<Registry> {
  const api = new RegistryApi(place, client);
  const endpoint = await api.endpoint('npm');
  const token = new RegistryToken(api);
  return {
    endpoint,
    http: new RegistryHttp({ http, token, origin: endpoint.origin, policy: defaultRetryPolicy, signal }),
  };
}
