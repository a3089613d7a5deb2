import * as v from 'valibot';
import { storedReportSchema } from '#core/run/read-reports.ts';
import { event, number, text, type EventOf } from '../../events/event.ts';
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
  event('page', 'the page that --html wrote', {
    file: text('where it is'),
    sources: v.pipe(v.array(v.string()), v.description('the sources that it tells of')),
    items: number('how many items they have in the vault'),
  }),
] as const;

export type ReportEvent = EventOf<typeof reportEvents>;
