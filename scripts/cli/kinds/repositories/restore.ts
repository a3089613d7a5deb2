import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import { repositoryContent, withRefs, type RepositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { restoreToServer, type ServerRestore, type ServerRestored } from '#core/repositories/restore/restore-server.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import { parseCodeCommitAddress } from '#core/sources/codecommit/addresses.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { doesNotApply, refuseInapplicable } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import { openTarget, profileOf } from '../../open-target.ts';
import type { Progress } from '../../progress.ts';
import { refSelection } from '../../ref-selection.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { RestoreRepositoryEvent } from '../../commands/restore/events.ts';
import { tellWhatWasSaid } from '../../tell-refusal.ts';
import { restoreOneRef, restorePath } from './restore-part.ts';
import { planRestore, refuseSecretElsewhere, type Restored } from './plan-restore.ts';
import { repositoryTarget, type RepositoryTarget } from '../../commands/restore/restore-target.ts';
import { restoreScope } from '../../commands/restore/scope.ts';

type RestoreRepositoryFlags = RestoreFlags & { to: string };

/** Brings a repository back: into a folder, a bundle, or a Git server. */
export async function restoreRepository(
  context: Context,
  flags: RestoreRepositoryFlags,
  typed: string,
): Promise<number> {
  const { vault, output, onStop, given } = context;
  const sort = repositoryTarget(flags.to, flags);
  refuseInapplicable(restoreScope, given, sort);
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const item = await findItem(catalogue, typed);
  const entry = findSnapshot(item, flags.snapshot, flags.at);
  const stored = await repositoryContent(catalogue, entry.item, entry.snapshot);
  const content = withRefs(stored, refSelection(flags.refs));
  const bytes = content.data.reduce((sum, data) => sum + data.bytes, 0);
  output.line(
    `${item.address}, snapshot ${entry.snapshot}: ${count(content.refs.size, 'ref')}, ${formatBytes(bytes)} in ${count(content.data.length, 'object')}`,
  );
  const chosenOut = stored.refs.size - content.refs.size;
  if (chosenOut > 0) output.line(`${count(chosenOut, 'ref')} left out by --refs`);
  for (const { what, why } of content.snapshot.manifest.omitted) output.line(`the snapshot is without ${what}: ${why}`);
  const restored: Restored = { address: item.address, snapshot: entry.snapshot, content };
  if (sort === 'folder' && flags.ref !== undefined && flags.path === undefined)
    throw doesNotApply(
      '--ref',
      'a restore into a folder without --path',
      'says of which branch, tag or commit --path is',
    );
  if (flags.path !== undefined) return restorePath(context, flags, restored);
  if (flags.ref !== undefined) return restoreOneRef(context, flags, restored);
  if (flags.dryRun) return planRestore(context, flags, sort, restored);
  const began = performance.now();
  const progress = output.progress(1, bytes);
  onStop(() => whatIsKept(flags.to, sort));
  try {
    const code = await restoreTo(context, flags, sort, restored, progress);
    progress.stop();
    output.line(`done in ${formatDuration(performance.now() - began)}`);
    return code;
  } finally {
    progress.stop();
  }
}

async function restoreTo(
  context: Context,
  flags: RestoreRepositoryFlags,
  sort: RepositoryTarget,
  restored: Restored,
  progress: Progress,
): Promise<number> {
  const { vault, output, signal } = context;
  const { content, address, snapshot } = restored;
  const { to } = flags;
  const onProgress = (bytes: number): void => progress.update(address, bytes);
  const onPhase = (phase: Phase): void => progress.phase(address, phase);
  switch (sort) {
    case 'bundle':
      await restoreToBundle(vault, content, to, onProgress, signal, onPhase);
      output.event<RestoreRepositoryEvent>({ event: 'restored', address, snapshot, to, refs: content.refs.size });
      output.line(`restored to ${to}; try: git clone ${to}`);
      return exitCode.well;
    case 'folder': {
      const { checkout } = flags;
      const indexer = await chooseIndexer();
      await restoreToFolder(vault, content, { target: to, checkout, indexer, signal, onProgress, onPhase });
      output.event<RestoreRepositoryEvent>({ event: 'restored', address, snapshot, to, refs: content.refs.size });
      output.line(`restored to ${to}; try: git -C ${to} log --all --oneline`);
      return exitCode.well;
    }
    default:
      return restoreToUrl(context, flags, restored, { onProgress, onPhase });
  }
}

async function restoreToUrl(
  context: Context,
  flags: RestoreRepositoryFlags,
  { address, snapshot, content }: Restored,
  watch: Pick<ServerRestore, 'onProgress' | 'onPhase'>,
): Promise<number> {
  const { vault, output, signal } = context;
  const finish = flags.create ? await createTarget(context, flags.to, content) : undefined;
  const { transport, close, atGitHub, ...known } = await openTarget(context, flags.to, flags);
  try {
    refuseSecretElsewhere(context, flags, atGitHub);
    const { overwrite } = flags;
    const result = await restoreToServer(vault, content, {
      ...known,
      target: transport,
      overwrite,
      signal,
      ...watch,
    });
    const unset = (await finish?.()) ?? [];
    output.event<RestoreRepositoryEvent>({
      event: 'restored',
      address,
      snapshot,
      to: transport.address,
      ...result,
      unset,
    });
    for (const problem of unset) output.result(`${output.paint('yellow', 'not set')}  ${problem}`);
    return tellServer(output, transport.address, finish ? { ...result, defaultBranch: undefined } : result);
  } finally {
    close();
  }
}

/** Makes the repository as it was; what it gives back sets what needs its branches, and says what it could not set. */
async function createTarget(
  { environment }: Context,
  to: string,
  content: RepositoryContent,
): Promise<() => Promise<string[]>> {
  const place = parseCodeCommitAddress(to, undefined, environment.awsRegion);
  if (!place) throw new HoldfastError('Usage', `${to} is not an address of CodeCommit`);
  const { CodeCommitApi } = await import('#core/sources/codecommit/api.ts');
  const { storedSettings } = await import('#core/sources/codecommit/repository-settings.ts');
  const settings = storedSettings(content.snapshot.manifest);
  const api = new CodeCommitApi(place.region, profileOf(place));
  await api.create(place.name, settings);
  return async () => {
    try {
      const branch = content.head.type === 'branch' ? content.head.ref.replace('refs/heads/', '') : undefined;
      return await api.finish(place.name, { ...settings, defaultBranch: settings.defaultBranch ?? branch });
    } finally {
      api.close();
    }
  };
}

function tellServer(
  output: Context['output'],
  address: string,
  { restored, leftOut, refused, said, kept, defaultBranch }: ServerRestored,
): number {
  output.line(`${count(restored.length, 'ref')} restored to ${address}`);
  if (leftOut.length > 0)
    output.line(`${count(leftOut.length, 'ref')} left out, since they are read-only on the server: ${some(leftOut)}`);
  if (kept.length > 0)
    output.line(`${count(kept.length, 'ref')} that the snapshot does not have left as they were: ${some(kept)}`);
  if (defaultBranch !== undefined)
    output.line(`set the default branch to ${defaultBranch.replace('refs/heads/', '')} in the server's settings`);
  for (const { name, reason } of refused) output.result(`${output.paint('red', 'refused')}  ${name}: ${reason}`);
  if (refused.length === 0) return exitCode.well;
  tellWhatWasSaid(output, said);
  return restored.length > 0 ? exitCode.partial : exitCode.failed;
}

/** What an interrupted restore leaves, by where it goes to. */
function whatIsKept(target: string, sort: RepositoryTarget): string {
  if (sort === 'bundle') return `Nothing of ${target} is kept: a bundle is written completely or not at all.`;
  if (sort !== 'folder') return 'What the server has accepted stays there. Run the same command again to continue.';
  return `What was restored is kept in ${target}.holdfast-partial. Run the same command again to continue.`;
}

function some(names: string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
