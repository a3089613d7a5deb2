import * as v from 'valibot';
import { event, text, type EventOf } from '../../events/event.ts';

export const doctorEvents = [
  event('finding', 'what was found of one thing that a backup needs', {
    verdict: v.pipe(v.picklist(['good', 'note', 'bad']), v.description('bad makes the exit code 1')),
    what: text('what was found'),
    advice: v.optional(text('what to do')),
  }),
] as const;

export type DoctorEvent = EventOf<typeof doctorEvents>;
