import * as v from 'valibot';
import { event, number, text, type EventOf } from '../../events/event.ts';
import { address, bytes, source } from '../../events/fields.ts';

const sum = {
  items: number('how many items'),
  snapshots: number('how many snapshots'),
  bytes,
  oldest: v.optional(text('the id of the oldest snapshot')),
  newest: v.optional(text('the id of the newest snapshot')),
};

export const statsEvents = [
  event('source', 'how much the vault holds of a source', { source, ...sum }),
  event('total', 'how much it holds altogether', sum),
  event('largest', 'one of the largest items, the largest first', { address, bytes }),
] as const;

export type StatsEvent = EventOf<typeof statsEvents>;
