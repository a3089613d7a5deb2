import type { CodeartifactClientConfig } from '@aws-sdk/client-codeartifact';
import { messageOf } from '#core/runtime/errors.ts';
import { RegistryApi, type RegistryPlace } from '#core/sources/codeartifact/registry-api.ts';
import type { RepositorySettings } from './package-settings.ts';

/**
 * Makes a repository with the settings that it had. One that is there already is left as it is, since others may rely
 * on how it is set.
 * @returns what was left as it is or could not be set, and why
 */
export async function createRepository(
  place: RegistryPlace,
  settings: RepositorySettings,
  config: CodeartifactClientConfig = {},
): Promise<string[]> {
  const api = new RegistryApi(place, config);
  try {
    if (await api.repository()) {
      const { domain, repository } = place;
      return [`the repository ${domain}/${repository} already exists: its settings are left as they are`];
    }
    const notes: string[] = [];
    const upstreams: RepositorySettings['upstreams'] = [];
    for (const upstream of settings.upstreams) {
      const { repositoryName: name } = upstream;
      if (await api.repository(name)) upstreams.push(upstream);
      else notes.push(`its upstream ${name} is left out: the domain ${place.domain} has no such repository`);
    }
    await api.createRepository({ ...settings, upstreams });
    const { policy, externalConnections } = settings;
    const steps = externalConnections.map(
      ({ externalConnectionName }) =>
        () =>
          api.connect(externalConnectionName),
    );
    if (policy !== undefined) steps.push(() => api.setPolicy(policy));
    for (const step of steps) await step().catch((error: unknown) => void notes.push(messageOf(error)));
    return notes;
  } finally {
    api.close();
  }
}
