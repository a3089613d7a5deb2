import * as v from 'valibot';
import { event, text, type EventOf } from '../../events/event.ts';
import { bytes, coverage, finished, result, source, started } from '../../events/fields.ts';

const report = text('where its report is, below the vault');
const run = text('the id of the run');

export const runsEvents = [
  event('run', 'a run that has ended', { source, run, result, coverage, bytes, started, finished, report }),
  event('run', 'a run whose report cannot be read', { source, run, result: v.literal('unreadable'), report }),
] as const;

export type RunsEvent = EventOf<typeof runsEvents>;
