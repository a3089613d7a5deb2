import * as v from 'valibot';
import { parseDuration } from '#core/runtime/duration.ts';

/** What is demanded of the backups of a source. */
export interface Objectives {
  /** How old the newest snapshot of an item may be when a run ends, in seconds: the recovery point objective. */
  rpo?: number | undefined;
  /** How long a restore of all items may take, in seconds: the recovery time objective. */
  rto?: number | undefined;
}

/** A time span in a setting, as `26h`; in seconds. */
export const duration = v.pipe(
  v.string(),
  v.trim(),
  v.transform((text) => parseDuration(text) ?? 0),
  v.minValue(1, 'must be a time span, such as 90min, 26h or 2d'),
);
