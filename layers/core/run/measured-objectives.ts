import * as v from 'valibot';
import { formatDuration } from '#core/runtime/format.ts';

const seconds = v.number();

/** How a run stands to the objectives of its source, as its report says. All times are in seconds. */
export const measuredSchema = v.object({
  rpo: v.optional(
    v.object({
      objective: seconds,
      /** The age of the oldest newest snapshot; absent where an item has none, or no item is known. */
      measured: v.optional(seconds),
      /** How many items miss it. */
      missed: v.number(),
      /** The first of them, with the age of their newest snapshot where they have one. */
      items: v.array(v.object({ address: v.string(), age: v.optional(seconds) })),
    }),
  ),
  rto: v.optional(
    v.object({
      objective: seconds,
      /** What the last drill took to restore the newest snapshot of each item, added up; absent where none is on record. */
      measured: v.optional(seconds),
      missed: v.boolean(),
    }),
  ),
});

export type MeasuredObjectives = v.InferOutput<typeof measuredSchema>;

/** What is missed, in words; nothing where all is kept. */
export function missedObjectives(objectives: MeasuredObjectives | undefined): string[] {
  const { rpo, rto } = objectives ?? {};
  return [
    ...(rpo && rpo.missed > 0
      ? [
          `RPO of ${formatDuration(rpo.objective * 1000)} missed by ${rpo.missed === 1 ? '1 item' : `${rpo.missed} items`}${rpo.measured === undefined ? '' : `, the oldest by a snapshot of ${formatDuration(rpo.measured * 1000)} ago`}`,
        ]
      : []),
    ...(rto?.missed
      ? [
          `RTO of ${formatDuration(rto.objective * 1000)} missed: the last drill took ${formatDuration((rto.measured ?? 0) * 1000)} to restore all items`,
        ]
      : []),
  ];
}

/** The first items that miss the RPO, in words. */
export function itemsMissingRpo({ rpo }: MeasuredObjectives, most: number): string[] {
  const named = (rpo?.items ?? []).slice(0, most);
  const more = (rpo?.missed ?? 0) - named.length;
  return [
    ...named.map(
      ({ address, age }) =>
        `${address} misses the RPO: ${age === undefined ? 'it has no snapshot' : `its newest snapshot is of ${formatDuration(age * 1000)} ago`}`,
    ),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** Each objective and what was measured, in words. */
export function keptObjectives({ rpo, rto }: MeasuredObjectives): string[] {
  const [byRpo, byRto] = [rpo, rto].map((one) => one && formatDuration(one.objective * 1000));
  return [
    ...(rpo
      ? [
          `RPO ${byRpo ?? ''}: ${rpo.missed > 0 ? `missed by ${rpo.missed === 1 ? '1 item' : `${rpo.missed} items`}` : 'kept'}${rpo.measured === undefined ? '' : `, measured ${formatDuration(rpo.measured * 1000)}`}`,
        ]
      : []),
    ...(rto
      ? [
          `RTO ${byRto ?? ''}: ${rto.missed ? 'missed' : rto.measured === undefined ? 'not measured, no drill of all items is on record' : 'kept'}${rto.measured === undefined ? '' : `, measured ${formatDuration(rto.measured * 1000)}`}`,
        ]
      : []),
  ];
}
