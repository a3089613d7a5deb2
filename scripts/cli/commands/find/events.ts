import * as v from 'valibot';
import { event, flag, number, text, type EventOf } from '../../events/event.ts';
import { address, snapshot } from '../../events/fields.ts';
import { recordFields } from '../cat/events.ts';

export const findEvents = [
  event('record', 'a record that holds all words', {
    address,
    snapshot,
    ...recordFields,
    title: v.optional(text('its title or name')),
    author: v.optional(text('who made it')),
    at: v.optional(text('when it was made, as its source writes it')),
    deleted: v.optional(text('the snapshot for which it was found to be gone')),
  }),
  event('total', 'what was found', {
    found: number('how many records were given'),
    more: flag('whether there are more than were asked for'),
  }),
] as const;

export type FindEvent = EventOf<typeof findEvents>;
