import * as v from 'valibot';
import { itemSchema } from '#core/vault/manifest.ts';
import { event, number, text, type EventOf } from '../../events/event.ts';
import {
  address,
  bytes,
  coverage,
  failure,
  objectives,
  finished,
  result,
  snapshot,
  source,
  started,
  warnings,
} from '../../events/fields.ts';

const item = v.pipe(itemSchema, v.description('what its source calls it'));
const ofItem = { address, item };
const kind = v.picklist(['full', 'incremental', 'empty']);
const reason = text('why it is left out');
const records = v.optional(
  v.pipe(
    v.strictObject({ stored: v.number(), deleted: v.number(), without: v.array(v.string()) }),
    v.description('of a dataset: records that are at the source, that were deleted there, and what could not be read'),
  ),
);
const incomplete = v.optional(text('what of it ought to be kept and is not; then the run is partial'));
const versions = v.pipe(
  v.strictObject({
    listed: v.number(),
    stored: v.number(),
    unchanged: v.number(),
    skipped: v.number(),
    gone: v.number(),
  }),
  v.description('of a package: how many of its versions; gone ones are kept'),
);

/** What became of one item; also printed by what a deployment starts. */
export const outcomeEvents = [
  event('item', 'an item of which a snapshot was stored', {
    outcome: v.literal('stored'),
    ...ofItem,
    snapshot,
    kind,
    bytes,
    incomplete,
    refs: v.optional(number('of a repository: how many refs it has')),
    records,
    warnings,
  }),
  event('item', 'an item that has not changed', {
    outcome: v.literal('unchanged'),
    ...ofItem,
    snapshot,
    since: text('the id of the snapshot to which it is equal'),
    records,
    incomplete,
    warnings,
  }),
  event('item', 'a package', { outcome: v.picklist(['stored', 'unchanged']), ...ofItem, versions, bytes, warnings }),
  event('item', 'an item that was left out', { outcome: v.literal('skipped'), ...ofItem, reason }),
  event('item', 'an item that could not be backed up', { outcome: v.literal('failed'), ...ofItem, ...failure }),
] as const;

export type OutcomeEvent = EventOf<typeof outcomeEvents>;

const reference = v.strictObject({ key: v.string(), sha256: v.string() });

export const backupEvents = [
  ...outcomeEvents,
  event('report', 'what became of the run', {
    format: v.literal(1),
    source,
    scope: v.optional(text('what was asked for, where that is not all of the source')),
    run: text('the id of the run'),
    result,
    coverage,
    bytes,
    started,
    finished,
    removals: v.pipe(v.literal('recorded'), v.description('as in report.json')),
    chain: v.optional(
      v.pipe(
        v.strictObject({
          list: reference,
          before: v.array(reference),
          snapshots: v.number(),
          manifests: v.string(),
          missing: v.number(),
        }),
        v.description('how the run continues the chain of its source, as in report.json'),
      ),
    ),
    objectives: v.optional(objectives),
    warnings,
    error: v.optional(v.pipe(v.strictObject(failure), v.description('why the run could not begin or go on'))),
    report: text('where the report is, below the vault'),
  }),
] as const;

export type BackupEvent = EventOf<typeof backupEvents>;

const why = v.optional(text('why it would be taken so'));

export const backupPlanEvents = [
  event('would-back-up', 'an item of which a snapshot would be taken, with --dry-run', {
    plan: v.picklist(['full', 'incremental', 'empty', 'unchanged']),
    ...ofItem,
    why,
    refs: v.optional(number('of a repository: how many refs it has')),
  }),
  event('would-back-up', 'a package that would be stored, with --dry-run', {
    plan: v.picklist(['stored', 'unchanged']),
    ...ofItem,
    versions: v.optional(versions),
  }),
  event('would-back-up', 'an item that would be left out, with --dry-run', {
    plan: v.literal('skipped'),
    ...ofItem,
    why: reason,
  }),
  event('would-back-up', 'an item that could not be backed up, with --dry-run', {
    plan: v.literal('failed'),
    ...ofItem,
    ...failure,
  }),
  event('plan', 'what would become of all items, with --dry-run', { ...coverage.pipe[0].entries, warnings }),
] as const;

export type BackupPlanEvent = EventOf<typeof backupPlanEvents>;
