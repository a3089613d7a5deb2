import * as v from 'valibot';
import { event, flag, number, text, type EventOf } from '../../events/event.ts';
import { snapshot } from '../../events/fields.ts';
import { recordFields } from '../cat/events.ts';

export const lsEvents = [
  event('file', 'an entry of a folder of a repository', {
    snapshot,
    commit: text('the commit whose files are listed'),
    path: text('from the top of the repository'),
    type: v.pipe(v.picklist(['file', 'folder', 'link', 'submodule']), v.description('what it is')),
    executable: flag('whether it is an executable file'),
    oid: text("the entry's object id"),
    bytes: v.optional(number('the size of a file')),
  }),
  event('asset', 'a file of a package', {
    snapshot,
    name: text('what its registry calls it'),
    bytes: number('its size'),
    sha256: text('its digest'),
  }),
  event('record', 'a record of a dataset', {
    snapshot,
    ...recordFields,
    title: v.optional(text('its title or name')),
    author: v.optional(text('who made it')),
    at: v.optional(text('when it was made, as its source writes it')),
    state: v.optional(text('open, closed, …')),
    deleted: v.optional(text('the snapshot for which it was found to be gone')),
  }),
  event('file', 'a file that belongs to records', {
    snapshot,
    id: text("its source's own name for this content"),
    name: text('what its source calls it'),
    bytes: number('its size'),
    sha256: text('its digest'),
  }),
] as const;

export type LsEvent = EventOf<typeof lsEvents>;
