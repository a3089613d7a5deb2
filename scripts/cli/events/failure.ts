import { event, type EventOf } from './event.ts';
import { failure } from './fields.ts';

/** Any verb may end with it. */
export const errorEvents = [event('error', 'why the command failed', failure)] as const;

export type ErrorEvent = EventOf<typeof errorEvents>;
