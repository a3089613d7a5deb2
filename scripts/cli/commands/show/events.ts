import * as v from 'valibot';
import { missingObjectSchema } from '#core/vault/lfs-state.ts';
import { manifestSchema } from '#core/vault/manifest.ts';
import { recordsStateSchema } from '#core/vault/records-state.ts';
import { event, text, type EventOf } from '../../events/event.ts';
import { address, bytes, checked, snapshot } from '../../events/fields.ts';

const { git, parent: _, omitted, warnings, ...manifest } = manifestSchema.entries;
const { head, refs } = git.wrapped.entries;

export const showEvents = [
  event('snapshot', 'a snapshot of the item, as its manifest describes it, without its refs', {
    address,
    ...manifest,
    omitted: omitted.wrapped,
    warnings: warnings.wrapped,
    parent: v.optional(
      v.pipe(
        v.strictObject({ address, snapshot, digest: v.string() }),
        v.description('the snapshot on which its data builds, or to which it is equal'),
      ),
    ),
    bytes,
    checked,
  }),
  event('unreadable', 'a snapshot of the item whose manifest is damaged', {
    address,
    snapshot,
    message: text('what is wrong with it'),
  }),
  event('refs', 'the refs of the chosen snapshot of a repository', { snapshot, head, refs }),
  event('assets', 'the files of the chosen snapshot of a package', {
    snapshot,
    assets: v.pipe(
      v.array(v.strictObject({ name: v.string(), bytes: v.number(), sha256: text('its digest') })),
      v.description('name, size and SHA-256 of each'),
    ),
  }),
  event('records', 'the records of the chosen snapshot of a dataset', {
    snapshot,
    ...recordsStateSchema.entries,
    files: v.pipe(
      v.array(v.strictObject({ id: v.string(), name: v.string(), bytes: v.number(), sha256: text('its digest') })),
      v.description('the files that belong to them'),
    ),
  }),
  event('objects', 'the objects of Git LFS of the chosen snapshot', {
    snapshot,
    objects: v.pipe(
      v.array(v.strictObject({ oid: v.string(), bytes: v.number() })),
      v.description('SHA-256 and size of each'),
    ),
    missing: v.pipe(v.array(missingObjectSchema), v.description('objects that are named and not stored')),
  }),
] as const;

export type ShowEvent = EventOf<typeof showEvents>;
