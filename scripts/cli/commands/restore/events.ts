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
  event('restored-path', 'a file or folder of a commit, with --path', {
    address,
    snapshot,
    commit: text('the id of the commit'),
    path: text('from the top of the tree'),
    to,
    dryRun,
  }),
  event('restored-ref', 'a branch or tag that came into a repository beside what it has, with --ref', {
    address,
    snapshot,
    from: text('its name in the snapshot'),
    as: text('its name at the target'),
    to,
    outcome: v.pipe(v.picklist(['restored', 'there']), v.description('whether it was there already, as it was stored')),
    dryRun,
  }),
] as const;

const objects = number('how many objects the snapshot holds');

export const restoreLfsEvents = [
  event('restored', 'objects of Git LFS that were restored into a folder', {
    address,
    snapshot,
    to,
    objects,
    written: number('how many were not there yet'),
  }),
  event('restored', 'objects of Git LFS that were restored to a server', {
    address,
    snapshot,
    to,
    uploaded: number('how many were sent'),
    there: number('how many the server had already'),
    refused: v.pipe(
      v.array(v.strictObject({ oid: v.string(), why: v.string() })),
      v.description('objects that the server refused, with its reason'),
    ),
  }),
  event('would-restore', 'objects of Git LFS that would be restored, with --dry-run', {
    address,
    snapshot,
    to,
    objects,
    bytes: number('their size'),
  }),
] as const;

export type RestoreLfsEvent = EventOf<typeof restoreLfsEvents>;

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

const items = number('how many items it stands for: a repository of packages has many versions');
const maybe = {
  snapshot: v.optional(snapshot),
  to: v.optional(text('where it goes')),
};
const why = {
  code: v.optional(text('why it fails or is left out: one of the codes of Holdfast, or LeftOut')),
  message: v.optional(text('the same in words')),
  advice: v.optional(text('what to do')),
};

export const restoreAllEvents = [
  event('would-restore', 'what would become of an item, with --plan, with --all or to GitHub', {
    address,
    ...maybe,
    items,
    bytes: number('bytes that would be read from the vault'),
    foreseen: v.pipe(
      v.picklist(['made', 'content', 'there', 'fails', 'left-out']),
      v.description(
        'whether it would be made, or get its content where its place is there already, is there and equal, would fail, or is left out',
      ),
    ),
    ...why,
    makes: v.optional(texts('of records: what would be made, in order')),
    lost: v.optional(texts('of records: what cannot come back, and why')),
  }),
  event('plan', 'what is about to be restored, with --all or to GitHub', {
    listed: number('how many items: all of those below'),
    made: number('items that are made'),
    content: number('items whose place is there already and gets their content'),
    there: number('items that are there already, equal'),
    fails: number('items of which it is known that they will fail'),
    leftOut: number('items that do not come back'),
    bytes: number('bytes to be read from the vault'),
    estimateMs: number('about how long it takes, in milliseconds'),
    until: v.optional(text('no later snapshot is restored')),
    lacks: texts('what the credential is known to lack'),
    notes: texts('what is worth knowing beforehand'),
  }),
  event('item', 'what became of an item, with --all or to GitHub', {
    address,
    ...maybe,
    items,
    outcome: v.picklist(['restored', 'there', 'failed', 'left-out']),
    ...why,
    notes,
    compared: v.optional(number('of records: how many were compared with what was stored')),
    different: v.optional(
      v.pipe(
        v.array(v.strictObject({ key: v.string(), what: v.string() })),
        v.description('of records: those that are not there as they were stored, and in what'),
      ),
    ),
  }),
  event('total', 'what became of all items, with --all or to GitHub', {
    to,
    listed: number('how many items: all of those below'),
    restored: number('items that were restored'),
    there: number('items that were there already, equal'),
    failed: number('items that failed'),
    leftOut: number('items that do not come back'),
  }),
] as const;

export const restoreRecordEvents = [
  event('restored-record', 'a single record that came to a repository at GitHub, with --issue, --release or --labels', {
    address,
    snapshot,
    record: text('the record in the snapshot: issues/17'),
    to,
    outcome: v.pipe(
      v.picklist(['restored', 'there', 'failed']),
      v.description('whether it was there already, or GitHub refused a part of it'),
    ),
    number: v.optional(number('the number that it has there')),
    notes,
    dryRun,
  }),
] as const;

export type RestoreRecordEvent = EventOf<typeof restoreRecordEvents>;

export type RestoreAllEvent = EventOf<typeof restoreAllEvents>;
