import { median } from '../measure/cost.ts';
import type { Row } from '../measure/contender.ts';

/** A row's runs put together: medians, but the highest peak, since memory is limited and not averaged. */
export interface Summary {
  name: string;
  /** Seconds. */
  wall: number;
  /** Seconds. */
  cpu: number;
  /** Bytes; undefined where nothing could tell, as below. */
  peak: number | undefined;
  /** Bytes. */
  medianPeak: number | undefined;
  /** Bytes. */
  written: number | undefined;
  /** Bytes. */
  stored: number | undefined;
  /** Bytes. */
  left: number | undefined;
  requests: number | undefined;
}

export function summarise({ name, samples }: Row): Summary {
  const known = (values: (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
  const middle = (values: (number | undefined)[]): number | undefined => {
    const found = known(values);
    return found.length === 0 ? undefined : median(found);
  };
  const peaks = samples.map((sample) => sample.peak);
  return {
    name,
    wall: median(samples.map((sample) => sample.wall)),
    cpu: median(samples.map((sample) => sample.cpu)),
    peak: known(peaks).length === 0 ? undefined : Math.max(...known(peaks)),
    medianPeak: middle(peaks),
    written: middle(samples.map((sample) => sample.written)),
    stored: middle(samples.map((sample) => sample.stored)),
    left: middle(samples.map((sample) => sample.left)),
    requests: middle(samples.map((sample) => sample.requests)),
  };
}
