import * as v from 'valibot';
import { storedReportSchema } from '#core/run/read-reports.ts';
import { event, text, type EventOf } from '../../events/event.ts';
import { address } from '../../events/fields.ts';

const { items, ...whole } = storedReportSchema.entries;

export const reportEvents = [
  event('report', 'the report of a run', {
    ...whole,
    items: v.pipe(
      v.array(v.strictObject({ address, ...items.item.entries })),
      v.description('what became of each item, and why'),
    ),
    report: text('where the report is'),
  }),
] as const;

export type ReportEvent = EventOf<typeof reportEvents>;
