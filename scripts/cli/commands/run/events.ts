import { event, text, type EventOf } from '../../events/event.ts';

export const runEvents = [
  event('started', 'a deployed backup that was started', {
    execution: text('the ARN of the execution'),
    console: text('where it can be watched'),
  }),
  event('undelivered', 'a notification or a heartbeat that an address of the configuration did not get', {
    message: text('why'),
  }),
] as const;

export type RunEvent = EventOf<typeof runEvents>;
