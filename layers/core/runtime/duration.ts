const units: Readonly<Record<string, number>> = { min: 60, h: 3_600, d: 86_400 };

/** A time span as people write it: `90min`, `26h`, `1.5d`; in seconds, undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(min|h|d)\s*$/i.exec(text) ?? [];
  const seconds = Math.round(Number(number) * (units[unit.toLowerCase()] ?? NaN));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
}
