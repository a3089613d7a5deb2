import * as v from 'valibot';
import { event, number, texts, type EventOf } from '../../events/event.ts';
import { address, bytes, finished, objectives, result, snapshot, source } from '../../events/fields.ts';

export const statusEvents = [
  event('source', 'how well the items of a source are protected', {
    source,
    items: number('how many items the vault holds'),
    snapshots: number('how many snapshots they have'),
    bytes,
    newest: v.optional(snapshot),
    proven: number('items whose newest snapshot a drill or verification found intact'),
    damaged: texts('addresses of items whose newest snapshot is damaged'),
    stale: texts('addresses of items whose newest snapshot is older than --stale-after allows'),
    failing: v.pipe(
      v.array(v.strictObject({ id: v.string(), name: v.string(), address, runs: v.number(), message: v.string() })),
      v.description('items that failed when they were last tried: in how many runs in a row, and why'),
    ),
    objectives: v.optional(objectives),
    lastRun: v.optional(
      v.pipe(v.strictObject({ run: v.string(), result, finished }), v.description('the run that ended last')),
    ),
  }),
] as const;

export type StatusEvent = EventOf<typeof statusEvents>;
