import { event, number, text, type EventOf } from '../../events/event.ts';
import { address, bytes, snapshot } from '../../events/fields.ts';

export const exportEvents = [
  event('total', 'what was written', {
    address,
    snapshot,
    to: text('the folder'),
    records: number('records in these files'),
    files: number('how many files'),
    bytes,
  }),
] as const;

export type ExportEvent = EventOf<typeof exportEvents>;
