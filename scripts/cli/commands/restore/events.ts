import * as v from 'valibot';
import { event, flag, number, text, texts, type EventOf } from '../../events/event.ts';
import { address, failure, refusedRefs, snapshot } from '../../events/fields.ts';

const to = text('the target');
const dryRun = flag('whether it is only said, with --dry-run');
const notes = texts('what cannot be brought back as it was, and what else is worth knowing');

export const restoreRepositoryEvents = [
  event('restored', 'a repository that was restored into a folder or a bundle', {
    address,
    snapshot,
    to,
    refs: number('how many refs'),
  }),
  event('restored', 'a repository that was restored to a server', {
    address,
    snapshot,
    to,
    restored: texts('refs that the target now has as the snapshot has them'),
    leftOut: texts('refs that no client may write there'),
    refused: refusedRefs,
    said: texts('what the target said, line by line'),
    kept: texts('refs of the target that the snapshot does not have; they stay'),
    defaultBranch: v.optional(text('the branch that must be made the default by hand')),
    unset: texts('settings that could not be set, with --create'),
  }),
  event('would-restore', 'what would be restored into a folder or a bundle, with --dry-run', {
    address,
    snapshot,
    to,
    created: texts('refs that would be made'),
  }),
  event('would-restore', 'what would be restored to a server, with --dry-run', {
    address,
    snapshot,
    to,
    create: flag('whether the repository would be made first'),
    created: texts('refs that would be made'),
    moved: v.pipe(
      v.array(v.strictObject({ name: v.string(), from: v.string(), to: v.string() })),
      v.description('refs that would be replaced'),
    ),
    unchanged: texts('refs that the target has already'),
    leftOut: texts('refs that no client may write there'),
    inTheWay: texts('refs that may not be replaced: because of them nothing would be restored'),
    kept: texts('refs of the target that the snapshot does not have; they would stay'),
  }),
] as const;

export type RestoreRepositoryEvent = EventOf<typeof restoreRepositoryEvents>;

const version = text('the package version, as people write it');
const ofVersion = {
  address: version,
  snapshot,
  bytes: number('bytes that were sent'),
  assets: number('how many files it has'),
  notes,
  dryRun,
};

export const restorePackagesEvents = [
  event('repository', 'a repository of packages that was made', { to, notes }),
  event('would-create', 'a repository of packages that would be made, with --dry-run', { to }),
  event('version', 'a version that was restored, or found to be identical', {
    outcome: v.picklist(['restored', 'identical']),
    ...ofVersion,
  }),
  event('version', 'a version that could not be restored', {
    outcome: v.literal('failed'),
    address: version,
    ...failure,
    dryRun,
  }),
  event('version', 'what is worth knowing of a package', {
    outcome: v.literal('noted'),
    address: text('the package, as people write it'),
    notes,
    dryRun,
  }),
  event('total', 'what became of all versions', {
    to,
    dryRun,
    restored: number('versions that were restored'),
    identical: number('versions that the target had already'),
    failed: number('versions that failed'),
    damaged: number('how many of the failed are damaged in the vault'),
    bytes: number('bytes that were sent'),
  }),
] as const;

export type RestorePackagesEvent = EventOf<typeof restorePackagesEvents>;
