import * as v from 'valibot';
import { event, flag, number, text, texts, type EventOf } from '../../events/event.ts';
import { address, bytes, checked, snapshot } from '../../events/fields.ts';

export const listEvents = [
  event('item', 'an item that the vault holds', {
    address,
    formerly: texts('addresses that it had before it was renamed'),
    snapshots: number('how many snapshots it has'),
    bytes,
    newest: snapshot,
    time: text('when the newest snapshot was taken, in ISO 8601'),
    stale: flag('whether that is longer ago than --stale-after allows'),
    checked,
    restoreTime: v.optional(
      v.pipe(
        v.strictObject({ milliseconds: v.number(), drilled: v.boolean() }),
        v.description(
          'how long a restore takes at least, with --restore-time, and whether a drill of the item says so; else it is reckoned by its bytes',
        ),
      ),
    ),
  }),
  event('never-stored', 'an item that failed in the last runs and of which the vault holds nothing', {
    address,
    name: text('what its source calls it'),
    runs: number('in how many of the last runs in a row it failed'),
    message: text('the code and the reason of its last failure'),
  }),
  event('total', 'the sum of all items', {
    items: number('how many items the vault holds'),
    snapshots: number('how many snapshots they have'),
    bytes,
    stale: number('how many items are stale'),
    neverStored: number('how many items were never stored'),
  }),
] as const;

export type ListEvent = EventOf<typeof listEvents>;

export const listEfsEvents = [
  event('item', 'a file system of a deployment', {
    address,
    source: text('the id of the file system that is kept'),
    vault: text('the id of the file system that holds its snapshots'),
    snapshots: number('how many snapshots it has'),
    bytes: number('bytes of the newest snapshot'),
    newest: v.optional(text('the newest snapshot')),
    last: v.optional(
      v.pipe(v.strictObject({ id: v.string(), status: v.string() }), v.description('the task that began last')),
    ),
  }),
] as const;

export type ListEfsEvent = EventOf<typeof listEfsEvents>;
