import { event, flag, number, text, texts, type EventOf } from '../../events/event.ts';
import { address, bytes, snapshot } from '../../events/fields.ts';

const goes = { address, snapshot, bytes, reasons: texts('why it goes') };
const leftover = { key: text('its key below the vault') };
const why = text('why less was removed than the rules say');

export const pruneEvents = [
  event('stays', 'a snapshot that is kept, with --dry-run or --reasons', {
    address,
    snapshot,
    reasons: texts('the rules that keep it: newest 3, day 2026-11-03, needed by …'),
  }),
  event('removed', 'a snapshot that was removed', goes),
  event('removed', 'a leftover of a backup that was killed, which was removed', leftover),
  event('would-remove', 'a snapshot that would be removed, with --dry-run', goes),
  event('would-remove', 'a leftover that would be removed, with --dry-run', leftover),
  event('spared', 'an item of which less is removed because something of it is damaged', { address, why }),
  event('busy', 'an item of which nothing is removed because a backup of it is under way', { address, why }),
  event('total', 'what was removed altogether', {
    removed: number('how many snapshots'),
    leftovers: number('how many leftovers'),
    spared: number('of how many items less was removed'),
    dryRun: flag('whether nothing was removed, with --dry-run'),
  }),
] as const;

export type PruneEvent = EventOf<typeof pruneEvents>;
