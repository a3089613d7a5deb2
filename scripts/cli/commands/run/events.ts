import { event, text, type EventOf } from '../../events/event.ts';

export const runEvents = [
  event('started', 'a deployed backup that was started', {
    execution: text('the ARN of the execution'),
    console: text('where it can be watched'),
  }),
] as const;

export type RunEvent = EventOf<typeof runEvents>;
