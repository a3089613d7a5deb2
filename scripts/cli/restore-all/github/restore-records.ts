import { listsOf } from '#core/sources/github/restore/issues.ts';
import { restoreLabels } from '#core/sources/github/restore/labels.ts';
import { restoreReleases } from '#core/sources/github/restore/releases.ts';
import { restoreSingleIssue, wantedIssue } from '#core/sources/github/restore/single-issue.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { sources } from '#core/sources/table.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable } from '../../applicable.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { RestoreRecordEvent } from '../../commands/restore/events.ts';
import { restoreScope } from '../../commands/restore/scope.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count } from '../../format.ts';
import { lockTarget } from '../lock.ts';
import { GitHubRepositories } from '../places/github.ts';
import { openDataset, type OpenedDataset } from './stored-dataset.ts';

/** The records that are asked for, of one repository. */
export interface AskedRecords {
  /** Of the repository: `github/acme/web`. */
  address: string;
  issues: number[];
  releases: string[];
  labels: boolean;
}

/**
 * What an address and options ask for: `github/acme/web/issues/17`, or `github/acme/web` with `--issue 17`; undefined where it
 * is no single record.
 * @throws {HoldfastError} Usage
 */
export function askedRecords(
  typed: string,
  { issue, release, labels }: Pick<RestoreFlags, 'issue' | 'release' | 'labels'>,
): AskedRecords | undefined {
  const [, repository, issueNumber, tag, all] =
    /^(.+?\/[^/]+\/[^/]+)\/(?:(?:issues|pulls?)\/(?:issues\/)?(\d+)|releases\/(.+)|(labels))\/?$/.exec(typed) ?? [];
  const issues = [...issue, ...(issueNumber === undefined ? [] : [issueNumber])].map((text) => {
    const number = Number(text.replace(/^#/, ''));
    if (Number.isSafeInteger(number) && number > 0) return number;
    throw new HoldfastError('Usage', `--issue takes a number, and not ${JSON.stringify(text)}`);
  });
  const releases = [...release, ...(tag === undefined ? [] : [tag])];
  if (issues.length + releases.length === 0 && !labels && all === undefined) return undefined;
  const address = repository ?? typed.replace(/\/(?:issues|releases)?\/?$/, '');
  return { address, issues, releases, labels: labels || all !== undefined };
}

interface Told {
  address: string;
  snapshot: string;
  record: string;
  outcome: 'restored' | 'there' | 'failed';
  number?: number;
  notes: string[];
}

/** Brings single records into a repository that lives, beside what it has. */
export async function restoreRecords(
  context: Context,
  flags: RestoreFlags & { to: string },
  asked: AskedRecords,
  { owner, repository }: { owner: string; repository?: string | undefined },
): Promise<number> {
  const { vault, output, given, signal } = context;
  refuseInapplicable(restoreScope, given, 'github-part');
  if (repository === undefined)
    throw new HoldfastError('Usage', 'a single record needs a repository', {
      advice: `Write --to github:${owner}/<name>.`,
    });
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const open = async (dataset: string): Promise<OpenedDataset> => {
    const item = await findItem(catalogue, `${asked.address}/${dataset}`);
    return openDataset(vault, findSnapshot(item, flags.snapshot, flags.at));
  };
  const unlock = flags.dryRun ? () => Promise.resolve() : await lockTarget(process.cwd(), `github:${owner}`);
  const places = await GitHubRepositories.open(context, { owner, repository }, flags).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  try {
    const found = await places.maker.find(repository);
    if (!found)
      throw new HoldfastError('SourceMissing', `there is no repository ${owner}/${repository}, or it cannot be seen`, {
        advice: `For all of it: holdfast restore ${asked.address} --to ${flags.to}`,
      });
    if (!found.private) output.line(`${output.paint('yellow', 'note')}   ${owner}/${repository} is public`);
    const target = places.recordsOf(repository, false);
    const outcomes: Told['outcome'][] = [];
    const tell = (told: Told): void => {
      outcomes.push(told.outcome);
      tellRecord(output, flags, told);
    };
    const dryRun = flags.dryRun;
    if (asked.labels || asked.issues.length > 0) {
      const dataset = await open('issues');
      const base = { address: `${asked.address}/issues`, snapshot: dataset.snapshot };
      if (asked.labels) {
        const { labels } = await listsOf(dataset);
        const left = dryRun ? [] : await restoreLabels(target, labels);
        const notes = left.map((name) => `${name} is there and differs; it was left`);
        tell({ ...base, record: `labels (${labels.length})`, outcome: 'restored', notes });
      }
      for (const number of asked.issues) {
        const record = `issues/${number}`;
        const request = { target, dataset, from: dataset.repository, number, assignees: flags.assignees, signal };
        if (dryRun) {
          const { title, posts } = await wantedIssue(request);
          const notes = [`${JSON.stringify(title)}, with ${count(posts.length, 'comment')}, as a new issue`];
          tell({ ...base, record, outcome: 'restored', notes });
          continue;
        }
        const { outcome, number: now, refused } = await restoreSingleIssue(request);
        const notes = refused.map(({ of, why }) => `${of}: ${why}`);
        tell({ ...base, record, outcome: refused.length > 0 ? 'failed' : outcome, number: now, notes });
      }
    }
    if (asked.releases.length > 0) {
      const dataset = await open('releases');
      const base = { address: `${asked.address}/releases`, snapshot: dataset.snapshot };
      for (const only of asked.releases) {
        const record = `releases/${only}`;
        if (dryRun) {
          tell({ ...base, record, outcome: 'restored', notes: ['as a draft'] });
          continue;
        }
        const request = {
          target,
          dataset,
          from: dataset.repository,
          only,
          keepsNumbers: false,
          asDrafts: true,
          signal,
        };
        const { refused, notes, left } = await restoreReleases(request);
        const outcome = refused.length > 0 ? 'failed' : left.length > 0 ? 'there' : 'restored';
        tell({ ...base, record, outcome, notes: [...notes, ...refused.map(({ of, why }) => `${of}: ${why}`)] });
      }
    }
    const failed = outcomes.filter((one) => one === 'failed').length;
    return failed === 0 ? exitCode.well : failed < outcomes.length ? exitCode.partial : exitCode.failed;
  } finally {
    places.close();
    await unlock();
  }
}

function tellRecord(output: Context['output'], { to, dryRun }: RestoreFlags & { to: string }, told: Told): void {
  output.event<RestoreRecordEvent>({ event: 'restored-record', to, dryRun, ...told });
  const { record, snapshot, outcome, number, notes } = told;
  const as = number === undefined ? '' : ` as #${number}`;
  const words = { restored: dryRun ? 'would be restored' : 'restored', there: 'is there already', failed: 'failed' };
  const line = `${record} of ${snapshot}: ${words[outcome]}, ${to}${as}`;
  if (outcome === 'failed') output.result(`${output.paint('red', 'failed')}  ${line}`);
  else output.line(`${line}${dryRun ? '; nothing was made' : ''}`);
  for (const note of notes) output.line(`  ${output.paint('yellow', 'note')}  ${note}`);
}
