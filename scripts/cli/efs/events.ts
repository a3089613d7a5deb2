import * as v from 'valibot';
import { problemSchema, recordSchema } from '#core/filesystems/records.ts';
import { snapshotManifestSchema } from '#core/filesystems/snapshot-manifest.ts';
import { resultSchema } from '#core/filesystems/task.ts';
import { event, number, text, type EventOf } from '../events/event.ts';

export const showEfsEvents = [
  event('snapshot', 'a snapshot of a file system, as its manifest describes it', snapshotManifestSchema.entries),
  event('task', 'one of the tasks that began last, as the table of the deployment has it', recordSchema.entries),
] as const;

export type ShowEfsEvent = EventOf<typeof showEfsEvents>;

const id = text('the id of the task');

export const startEfsEvents = [
  event('started', 'a task of a file system that was started', { id }),
  event('ended', 'a task of a file system that has ended', {
    id,
    status: recordSchema.entries.BackupStatus,
    problem: v.optional(problemSchema),
    result: v.optional(resultSchema),
  }),
] as const;

export type StartEfsEvent = EventOf<typeof startEfsEvents>;

export const restoreEfsEvents = [
  event('counted', 'what a restore with --delete would change', {
    deleted: number('entries that would be removed'),
    filesTransferred: number('files that would be copied'),
    bytesTransferred: number('bytes that would be copied'),
  }),
  ...startEfsEvents,
] as const;

export type RestoreEfsEvent = EventOf<typeof restoreEfsEvents>;
