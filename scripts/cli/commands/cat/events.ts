import * as v from 'valibot';
import { event, text, type EventOf } from '../../events/event.ts';
import { snapshot } from '../../events/fields.ts';

export const catEvents = [
  event('file', 'a file of a snapshot', {
    snapshot,
    commit: v.optional(text('of a repository: the commit from which it is')),
    path: text('of a repository from its top; of a package the name of the asset'),
    content: text('its content, in Base64'),
  }),
] as const;

export type CatEvent = EventOf<typeof catEvents>;
