import { event, number, text, texts, type EventOf } from '../../events/event.ts';

export const evidenceEvents = [
  event('evidence', 'the folder that was written', {
    folder: text('where it is'),
    files: texts('its files'),
    sources: texts('the sources that it tells of'),
    runs: number('how many runs there were'),
    drills: number('how many drills and verifications there were'),
    exceptions: number('how much was not as it ought to be'),
  }),
] as const;

export type EvidenceEvent = EventOf<typeof evidenceEvents>;
