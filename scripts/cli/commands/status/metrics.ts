import { timeOf } from '#core/vault/snapshot-id.ts';
import type { SourceStatus } from './source-status.ts';

interface Metric {
  name: string;
  help: string;
  /** Undefined where there is nothing to measure yet. */
  value: (status: SourceStatus) => number | undefined;
}

const metrics: readonly Metric[] = [
  { name: 'items', help: 'Items in the vault.', value: ({ items }) => items },
  { name: 'snapshots', help: 'Snapshots of them.', value: ({ snapshots }) => snapshots },
  { name: 'stored_bytes', help: 'Bytes of stored data.', value: ({ bytes }) => bytes },
  {
    name: 'newest_snapshot_timestamp_seconds',
    help: 'When the newest snapshot was made.',
    value: ({ newest }) => (newest === undefined ? undefined : timeOf(newest).getTime() / 1000),
  },
  { name: 'items_proven', help: 'Items whose newest snapshot was found intact.', value: ({ proven }) => proven },
  {
    name: 'items_damaged',
    help: 'Items whose newest snapshot is damaged.',
    value: ({ damaged }) => damaged.length,
  },
  {
    name: 'items_stale',
    help: 'Items whose newest snapshot is older than --stale-after allows.',
    value: ({ stale }) => stale.length,
  },
  {
    name: 'items_failing',
    help: 'Items that failed when they were last tried.',
    value: ({ failing }) => failing.length,
  },
  {
    name: 'last_run_timestamp_seconds',
    help: 'When the last run ended.',
    value: ({ lastRun }) => (lastRun ? Date.parse(lastRun.finished) / 1000 : undefined),
  },
  {
    name: 'last_run_complete',
    help: 'Whether the last run was complete.',
    value: ({ lastRun }) => (lastRun ? Number(lastRun.result === 'complete') : undefined),
  },
  {
    name: 'rpo_objective_seconds',
    help: 'How old the newest snapshot of an item may be when a run ends.',
    value: ({ objectives }) => objectives?.rpo?.objective,
  },
  {
    name: 'rpo_measured_seconds',
    help: 'How old the oldest newest snapshot of an item was when the last run ended.',
    value: ({ objectives }) => objectives?.rpo?.measured,
  },
  {
    name: 'items_missing_rpo',
    help: 'Items whose newest snapshot was older than that.',
    value: ({ objectives }) => objectives?.rpo?.missed,
  },
  {
    name: 'rto_objective_seconds',
    help: 'How long a restore of all items may take.',
    value: ({ objectives }) => objectives?.rto?.objective,
  },
  {
    name: 'rto_measured_seconds',
    help: 'What the last drill took to restore all items.',
    value: ({ objectives }) => objectives?.rto?.measured,
  },
];

/** In the text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function metricsOf(sources: readonly SourceStatus[]): string[] {
  return metrics.flatMap(({ name, help, value }) => {
    const samples = sources.flatMap((one) => {
      const measured = value(one);
      return measured === undefined ? [] : [`holdfast_${name}{source="${one.source}"} ${measured}`];
    });
    return [`# HELP holdfast_${name} ${help}`, `# TYPE holdfast_${name} gauge`, ...samples];
  });
}
