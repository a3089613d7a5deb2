import * as v from 'valibot';
import { planIssues, planReleases, planSettings, type RecordsPlan } from '#core/sources/github/restore/counts.ts';
import { hasCodeOwners } from '#core/sources/github/restore/code-owners.ts';
import { lookAtIssues, restoreIssues, type RestoredRecords } from '#core/sources/github/restore/issues.ts';
import { lookAtReleases, restoreReleases } from '#core/sources/github/restore/releases.ts';
import { restoreSettings } from '#core/sources/github/restore/settings.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { count } from '../../format.ts';
import type { Chosen, Planned, Result } from '../plan.ts';
import type { Part, PartRequest } from './part.ts';
import { openDataset, type OpenedDataset } from './stored-dataset.ts';

interface Opened {
  dataset: OpenedDataset;
  base: Omit<Planned, 'foreseen'>;
}

async function open({ context, to }: PartRequest, { address, entry }: Chosen): Promise<Opened> {
  const dataset = await openDataset(context.vault, entry);
  return { dataset, base: { address, snapshot: entry.snapshot, items: 1, bytes: dataset.bytes, to } };
}

function foreseen({ exists }: PartRequest): 'content' | 'made' {
  return exists ? 'content' : 'made';
}

function describe({ makes, lost }: RecordsPlan, { omitted }: OpenedDataset): Pick<Planned, 'makes' | 'lost'> {
  return {
    makes: makes.map(([many, what]) => `${what}: ${many.toLocaleString('en')}`),
    lost: [...lost, ...omitted.map((what) => `what the snapshot is without: ${what}`)],
  };
}

export async function planIssuesPart(request: PartRequest, item: Chosen): Promise<Part> {
  const { context, all, places, group, repository, isOurs, exists } = request;
  const { dataset, base } = await open(request, item);
  const target = places.recordsOf(repository, isOurs);
  const branches = heads(request);
  const discussions = await discussionNumbers(context.vault, group.parts.get('discussions'));
  const restore = {
    target,
    dataset,
    from: dataset.repository,
    branches,
    assignees: all.flags.assignees,
    drafts: false,
    discussions,
    signal: context.signal,
    noted: all.journal.made,
    note: (of: string, number: number) => all.journal.add({ step: 'made', of, number }),
  };
  const plan = await planIssues(dataset, {
    ...restore,
    snapshot: dataset.snapshot,
    keepsNumbers: true,
    webHost: target.writer.addresses.host,
  });
  if (exists && request.blocked === undefined && (await lookAtIssues(restore)) === 'there')
    return { planned: { ...base, foreseen: 'there' }, creations: 0 };
  return {
    planned: { ...base, foreseen: foreseen(request), ...describe(plan, dataset) },
    creations: plan.creations,
    run: async (sent) => {
      const drafts = branches.size > 0 && (await hasCodeOwners(target));
      return outcomeOf(await restoreIssues({ ...restore, drafts, onMade: stepper(plan, base.bytes, sent) }));
    },
  };
}

export async function planReleasesPart(request: PartRequest, item: Chosen): Promise<Part> {
  const { context, places, repository, isOurs, names, exists } = request;
  const { dataset, base } = await open(request, item);
  const plan = await planReleases(dataset);
  const restore = {
    target: places.recordsOf(repository, isOurs),
    dataset,
    from: dataset.repository,
    keepsNumbers: names?.has('issues') ?? true,
    asDrafts: false,
    signal: context.signal,
  };
  const bytes = base.bytes + plan.bytes;
  if (exists && request.blocked === undefined && (await lookAtReleases(restore)) === 'there')
    return { planned: { ...base, foreseen: 'there' }, creations: 0 };
  return {
    planned: { ...base, bytes, foreseen: foreseen(request), ...describe(plan, dataset) },
    creations: plan.creations,
    run: async (sent) => {
      let done = 0;
      return outcomeOf(await restoreReleases({ ...restore, onSent: (more) => sent((done += more)) }));
    },
  };
}

export async function planSettingsPart(request: PartRequest, item: Chosen): Promise<Part> {
  const { context, places, repository, isOurs, names } = request;
  const { dataset, base } = await open(request, item);
  if (!isOurs && names?.has('settings') !== true) {
    const message = 'the repository was there before, so its settings stay as they are';
    const why = { code: 'LeftOut', message, advice: '--datasets settings allows them to be replaced.' };
    return { planned: { ...base, foreseen: 'left-out', why }, creations: 0 };
  }
  const plan = await planSettings(dataset);
  return {
    planned: { ...base, foreseen: foreseen(request), ...describe(plan, dataset) },
    creations: plan.creations,
    run: async (sent) =>
      outcomeOf(
        await restoreSettings({
          target: places.recordsOf(repository, isOurs),
          dataset,
          signal: context.signal,
          onMade: stepper(plan, base.bytes, sent),
        }),
      ),
  };
}

export function planDiscussions(_request: PartRequest, { address, entry }: Chosen): Promise<Part> {
  const why = {
    code: 'LeftOut',
    message: 'GitHub has no way to make the categories of discussions; their numbers are kept by closed issues',
    advice: `holdfast export ${address} --to <folder> writes them as Markdown or JSON.`,
  };
  const base = { address, snapshot: entry.snapshot, items: 1, bytes: 0 };
  return Promise.resolve({ planned: { ...base, foreseen: 'left-out', why }, creations: 0 });
}

const discussion = v.object({ number: v.number(), title: v.string() });

async function discussionNumbers(vault: Vault, item: Chosen | undefined): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  if (!item) return found;
  for await (const { type, record } of (await openDataset(vault, item.entry)).records())
    if (type === 'discussion' && v.is(discussion, record)) found.set(record.number, record.title);
  return found;
}

/** The branches that the repository will have, by their names alone. */
function heads({ branches }: PartRequest): Map<string, string> {
  const own = [...(branches ?? [])].filter(([name]) => name.startsWith('refs/heads/'));
  return new Map(own.map(([name, oid]) => [name.slice('refs/heads/'.length), oid]));
}

/** Progress in bytes, as all else has it, of what is counted in records. */
function stepper({ makes }: RecordsPlan, bytes: number, sent: (bytes: number) => void): () => void {
  const all = Math.max(
    1,
    makes.reduce((sum, [many]) => sum + many, 0),
  );
  let done = 0;
  return () => sent(Math.min(bytes, Math.round((bytes * ++done) / all)));
}

/** What is not there as it was stored is a failure of that part. */
function outcomeOf({ refused, compared, different, notes }: RestoredRecords): Partial<Result> {
  const [first] = refused;
  const said = { compared, different, notes: [...notes, ...refused.map(({ of, why }) => `${of}: ${why}`)] };
  if (first)
    return {
      ...said,
      outcome: 'failed',
      code: 'RemoteRefused',
      message: `${count(refused.length, 'record')} refused: ${first.of}: ${first.why}`,
    };
  const [other] = different;
  if (!other) return { ...said, outcome: 'restored' };
  const message = `${count(different.length, 'record')} not as stored: ${other.key} (${other.what})`;
  return { ...said, outcome: 'failed', code: 'RemoteRefused', message };
}
