import truncate from 'cli-truncate';
import stringWidth from 'string-width';
import type { Phase } from '#core/runtime/phase.ts';
import { printable } from '#core/runtime/printable.ts';
import { formatBytes, formatClock } from './format.ts';

/** What the lines tell. */
export interface ProgressState {
  done: number;
  items: number;
  /** How much of the items under way is done, in items: two halves are 1. */
  parts: number;
  bytes: number;
  /** How many bytes all items have, where that is known. */
  total: number | undefined;
  /** Bytes a second. */
  rate: number;
  elapsedMs: number;
  /** The item that has been under way for longest. */
  name: string | undefined;
  phase: Phase | undefined;
  /** How many others are under way. */
  others: number;
}

const barWidths = { least: 8, most: 24 };
/** Below this rate, in bytes a second, nothing is foretold. */
const slowest = 1_000;

/** Two lines of at most so many columns: how far everything is, and what is under way. */
export function progressLines(state: ProgressState, columns: number): string {
  const { done, items, bytes, total, rate, elapsedMs } = state;
  const left = leftMs(state);
  const wide = [
    `${done}/${items}`,
    total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`,
    `${formatBytes(rate)}/s`,
    formatClock(elapsedMs),
    ...(left === undefined ? [] : [`${formatClock(left)} left`]),
  ];
  // Where there is little room, the rate goes first and then what has passed.
  const narrow = wide.filter((_, at) => at !== 2);
  const least = wide.filter((_, at) => at !== 2 && at !== 3);
  const fits = (parts: string[]): boolean => stringWidth(parts.join(' · ')) + 1 + barWidths.least <= columns;
  const figures = ([wide, narrow].find(fits) ?? least).join(' · ');
  const width = Math.max(0, Math.min(barWidths.most, columns - stringWidth(figures) - 1));
  const first = `${bar(fraction(state), width)} ${figures}`.trim();
  return [first, underWay(state)].map((line) => truncate(line, columns)).join('\n');
}

function underWay({ name, phase, others }: ProgressState): string {
  if (name === undefined) return '';
  const more = others === 0 ? '' : ` and ${others} more`;
  return `${phase === undefined ? '' : `${phase}: `}${printable(name)}${more}`;
}

/** How much is done, 0 to 1: by bytes where they are known, else by items. */
function fraction({ done, items, parts, bytes, total }: ProgressState): number {
  if (items > 0 && done === items) return 1;
  if (total !== undefined && total > 0) return Math.min(1, bytes / total);
  return items === 0 ? 0 : Math.min(1, (done + parts) / items);
}

function leftMs(state: ProgressState): number | undefined {
  const { bytes, total, rate, elapsedMs, done } = state;
  if (total !== undefined) {
    if (bytes >= total || rate < slowest) return undefined;
    return ((total - bytes) / rate) * 1000;
  }
  const share = fraction(state);
  return done === 0 || share === 0 || share === 1 ? undefined : (elapsedMs / share) * (1 - share);
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
