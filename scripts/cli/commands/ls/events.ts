import * as v from 'valibot';
import { event, flag, number, text, type EventOf } from '../../events/event.ts';
import { snapshot } from '../../events/fields.ts';

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
] as const;

export type LsEvent = EventOf<typeof lsEvents>;
