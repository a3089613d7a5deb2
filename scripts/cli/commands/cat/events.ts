import * as v from 'valibot';
import { event, text, type EventOf } from '../../events/event.ts';
import { snapshot } from '../../events/fields.ts';

/** A record as it is stored: docs/vault-format.md. */
export const recordFields = {
  key: text('its natural key'),
  type: text('what it is: issue, release, …'),
};

export const catEvents = [
  event('file', 'a file of a snapshot', {
    snapshot,
    commit: v.optional(text('of a repository: the commit from which it is')),
    path: text('of a repository from its top; of a package the name of the asset; of records that of a file'),
    content: text('its content, in Base64'),
  }),
  event('record', 'a record, and each that stands below it', {
    snapshot,
    ...recordFields,
    api: text('the version of the API that gave it'),
    deleted: v.optional(text('the snapshot for which it was found to be gone')),
    record: v.pipe(v.unknown(), v.description('what the API gave')),
  }),
] as const;

export type CatEvent = EventOf<typeof catEvents>;
