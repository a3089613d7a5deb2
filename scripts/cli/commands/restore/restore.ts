import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import { repositoryContent, type RepositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { restoreToServer, type ServerRestored } from '#core/repositories/restore/restore-server.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseCodeCommitAddress } from '#core/sources/codecommit/addresses.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import { openTarget } from '../../open-target.ts';
import type { Progress } from '../../progress.ts';
import type { RestoreFlags } from './command.ts';

/** As they are once it is clear that there is a target. */
type RestoreRepositoryFlags = RestoreFlags & { to: string };

export async function restore(context: Context, flags: RestoreFlags, typed: string): Promise<number> {
  if (isEfs(typed)) return (await import('../../efs/restore.ts')).restoreEfs(context, flags, typed);
  const { to } = flags;
  if (to === undefined)
    throw new HoldfastError('Usage', 'a restore needs --to <target>', {
      advice: 'holdfast restore --help lists what it can be.',
    });
  return restoreRepository(context, { ...flags, to }, typed);
}

async function restoreRepository(context: Context, flags: RestoreRepositoryFlags, typed: string): Promise<number> {
  if (typed.startsWith('codeartifact/')) return restorePackages(context, flags, typed);
  const { vault, output } = context;
  const catalogue = new Catalogue(vault);
  const item = await findItem(catalogue, typed);
  const entry = findSnapshot(item, flags.snapshot);
  const content = await repositoryContent(catalogue, entry.item, entry.snapshot);
  const bytes = content.data.reduce((sum, data) => sum + data.bytes, 0);
  output.line(
    `${item.address}, snapshot ${entry.snapshot}: ${count(content.refs.size, 'ref')}, ${formatBytes(bytes)} in ${count(content.data.length, 'object')}`,
  );
  const began = performance.now();
  const progress = output.progress(1);
  try {
    const code = await restoreTo(context, flags, content, progress, item.address);
    progress.stop();
    output.line(`done in ${formatDuration(performance.now() - began)}`);
    return code;
  } finally {
    progress.stop();
  }
}

/** Nothing of a repository of Git makes sense for packages, and nothing of theirs is ever replaced. */
async function restorePackages(context: Context, flags: RestoreRepositoryFlags, typed: string): Promise<number> {
  if (flags.checkout || flags.overwrite.length > 0)
    throw new HoldfastError('Usage', '--checkout and --overwrite are for Git repositories, not for packages');
  return (await import('./restore-packages.ts')).restorePackageItems(context, flags, typed);
}

async function restoreTo(
  context: Context,
  flags: RestoreRepositoryFlags,
  content: RepositoryContent,
  progress: Progress,
  name: string,
): Promise<number> {
  const { vault, output, signal } = context;
  const onProgress = (bytes: number): void => progress.update(name, bytes);
  if (/^([a-z][a-z0-9+.-]*:\/\/|codecommit::)/i.test(flags.to))
    return restoreToUrl(context, flags, content, onProgress);
  if (flags.create) throw createOnlyAtCodeCommit();
  if (flags.to.endsWith('.bundle')) {
    await restoreToBundle(vault, content, flags.to, onProgress, signal);
    output.event('restored', { to: flags.to, refs: content.refs.size });
    output.line(`restored to ${flags.to}; try: git clone ${flags.to}`);
    return exitCode.well;
  }
  await restoreToFolder(vault, content, {
    target: flags.to,
    checkout: flags.checkout,
    indexer: await chooseIndexer(),
    signal,
    onProgress,
  });
  output.event('restored', { to: flags.to, refs: content.refs.size });
  output.line(`restored to ${flags.to}; try: git -C ${flags.to} log --all --oneline`);
  return exitCode.well;
}

async function restoreToUrl(
  context: Context,
  flags: RestoreRepositoryFlags,
  content: RepositoryContent,
  onProgress: (bytes: number) => void,
): Promise<number> {
  const { vault, output, signal } = context;
  const finish = flags.create ? await createTarget(flags.to, content) : undefined;
  const { transport, close, ...known } = await openTarget(context, flags.to, flags);
  try {
    const { overwrite } = flags;
    const result = await restoreToServer(vault, content, {
      target: transport,
      overwrite,
      ...known,
      signal,
      onProgress,
    });
    const unset = (await finish?.()) ?? [];
    output.event('restored', { to: transport.address, ...result, unset });
    for (const problem of unset) output.result(`${output.paint('yellow', 'not set')}  ${problem}`);
    return tellServer(output, transport.address, finish ? { ...result, defaultBranch: undefined } : result);
  } finally {
    close();
  }
}

/** Makes the repository as it was; what it gives back sets what needs its branches, and says what it could not set. */
async function createTarget(to: string, content: RepositoryContent): Promise<() => Promise<string[]>> {
  const place = parseCodeCommitAddress(to);
  if (!place) throw createOnlyAtCodeCommit();
  const { CodeCommitApi } = await import('#core/sources/codecommit/api.ts');
  const { repositorySettings } = await import('#core/sources/codecommit/repository-settings.ts');
  const { manifest } = content.snapshot;
  const settings = manifest.item.source === 'codecommit' ? repositorySettings(manifest.metadata) : {};
  const api = new CodeCommitApi(place.region);
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

function createOnlyAtCodeCommit(): HoldfastError {
  return new HoldfastError('Usage', '--create makes repositories at CodeCommit only', {
    advice: 'Create the target by hand, empty, and restore without --create.',
  });
}

function tellServer(
  output: Context['output'],
  address: string,
  { restored, leftOut, refused, kept, defaultBranch }: ServerRestored,
): number {
  output.line(`${count(restored.length, 'ref')} restored to ${address}`);
  if (leftOut.length > 0)
    output.line(`${count(leftOut.length, 'ref')} left out, since the server lets nobody write them: ${some(leftOut)}`);
  if (kept.length > 0)
    output.line(`${count(kept.length, 'ref')} that the snapshot does not have left as they were: ${some(kept)}`);
  if (defaultBranch !== undefined)
    output.line(`set the default branch to ${defaultBranch.replace('refs/heads/', '')} in the server's settings`);
  for (const { name, reason } of refused) output.result(`${output.paint('red', 'refused')}  ${name}: ${reason}`);
  if (refused.length === 0) return exitCode.well;
  return restored.length > 0 ? exitCode.partial : exitCode.failed;
}

function some(names: string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
