import type { StoredDataset } from './stored.ts';
import { stored, storedRelease } from './stored.ts';
import * as v from 'valibot';

/** What of a dataset no restore can bring back, for people. */
export async function lostSettings(dataset: StoredDataset): Promise<string[]> {
  const why: Readonly<Record<string, string>> = {
    'secret-name': 'secrets: GitHub never shows their values; set them again',
    'deploy-key': 'deploy keys: they give access; add them again',
    collaborator: 'collaborators: an invitation notifies people; invite them again',
    team: 'teams: they give access; add them again',
    environment: 'environments: their reviewers are people; make them again',
    pages: 'Pages: publishes; switch it on again',
    'custom-properties': 'custom properties: they belong to the organisation',
    'security-advisory': 'security advisories: they cannot be made as they were',
  };
  const counts = new Map<string, number>();
  let secretOfHooks = 0;
  for await (const { type, deleted, record } of dataset.records()) {
    if (deleted !== undefined) continue;
    if (type in why) counts.set(type, (counts.get(type) ?? 0) + 1);
    if (type === 'webhook' && v.is(v.object({ config: v.object({ secret: v.string() }) }), record)) secretOfHooks++;
  }
  return [
    ...[...counts].map(([type, many]) => `${many} × ${why[type] ?? type}`),
    ...(secretOfHooks === 0 ? [] : [`${secretOfHooks} × secrets of webhooks: GitHub never shows them; set them again`]),
  ];
}

export async function lostOfReleases(dataset: StoredDataset): Promise<string[]> {
  let reactions = 0;
  for await (const line of dataset.records())
    if (line.type === 'release' && line.deleted === undefined)
      reactions += stored(storedRelease, line).reactions?.total_count ?? 0;
  return reactions === 0 ? [] : [`${reactions} × reactions: they belong to those who gave them`];
}
