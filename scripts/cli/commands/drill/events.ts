import * as v from 'valibot';
import { event, number, type EventOf } from '../../events/event.ts';
import { address, bytes, problems, snapshot, verdict } from '../../events/fields.ts';

export const drillEvents = [
  event('drilled', 'a snapshot that was restored as a test', {
    address,
    snapshot,
    problems,
    bytes,
    milliseconds: v.optional(number('how long it took')),
    proven: v.pipe(
      v.record(v.string(), v.number()),
      v.description('how much of each was proven: ref, object, asset, …'),
    ),
    refs: number('refs of a repository'),
    objects: number('objects reached from the refs'),
    assets: number('files of a package'),
    verdict,
  }),
  event('total', 'what was found altogether', {
    snapshots: number('how many snapshots were drilled'),
    damaged: number('how many of them do not restore'),
  }),
] as const;

export type DrillEvent = EventOf<typeof drillEvents>;
