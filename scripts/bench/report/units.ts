/** Figures as the report prints them; what is not known is a dash. */
const unknown = '–';

export function seconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

export function milliseconds(value: number): string {
  return (value * 1000).toFixed(0);
}

export function megabytes(bytes: number | undefined): string {
  if (bytes === undefined) return unknown;
  const value = bytes / 1e6;
  return value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

/** How many times as much: `12×`, `0.8×`. */
export function times(value: number, by: number): string {
  const ratio = value / by;
  if (!Number.isFinite(ratio)) return unknown;
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)}×`;
}
