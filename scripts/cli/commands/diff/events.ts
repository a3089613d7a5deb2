import * as v from 'valibot';
import { event, number, text, texts, type EventOf } from '../../events/event.ts';
import { recordFields } from '../cat/events.ts';

const change = v.pipe(v.picklist(['added', 'removed', 'changed']), v.description('what became of it'));

export const diffEvents = [
  event('ref', 'a ref that differs', {
    ref: text('its name'),
    from: v.optional(text('the object that it named in the earlier snapshot; absent where it was not there')),
    to: v.optional(text('the object that it names in the later one; absent where it is gone')),
  }),
  event('file', 'a file that differs, with --files', { change, path: text('from the top of the repository') }),
  event('asset', 'a file of a package that differs', { change, name: text('what its registry calls it') }),
  event('record', 'a record that differs', {
    change,
    ...recordFields,
    properties: texts('which of its properties differ, where it was changed'),
  }),
  event('total', 'which snapshots were compared, and how many differences there are', {
    from: text('the id of the earlier snapshot'),
    to: text('the id of the later one'),
    refs: v.optional(number('refs that differ')),
    files: v.optional(number('files that differ, with --files')),
    assets: v.optional(number('files of a package that differ')),
    records: v.optional(number('records that differ')),
  }),
] as const;

export type DiffEvent = EventOf<typeof diffEvents>;
