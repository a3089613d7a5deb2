import { InvalidArgumentError } from 'commander';
import { parseByteSize } from '#core/runtime/byte-size.ts';
import { parseDuration } from '#core/runtime/duration.ts';

/** For options that may be given again. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

export function wholeNumberOrZero(text: string): number {
  return text.trim() === '0' ? 0 : wholeNumber(text);
}

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return number;
}

/** In bytes. */
export function byteSize(text: string): number {
  const size = parseByteSize(text);
  if (size === undefined) throw new InvalidArgumentError('It must be a size, as 5GB or 500MB.');
  return size;
}

/** In seconds. */
export function timeSpan(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('It must be a time span, as 90min, 26h or 2d.');
  return seconds;
}

export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}
