import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import type { Planned, Result } from './plan.ts';

/** What became of something that went as it was planned. */
export function resultOf({ address, snapshot, to, foreseen, why, items }: Planned): Result {
  const outcomes = {
    made: 'restored',
    content: 'restored',
    there: 'there',
    fails: 'failed',
    'left-out': 'left-out',
  } as const;
  return {
    address,
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(to === undefined ? {} : { to }),
    outcome: outcomes[foreseen],
    items,
    ...why,
    notes: [],
  };
}

export function failureOf(error: unknown): NonNullable<Planned['why']> {
  const message = messageOf(error);
  return error instanceof HoldfastError
    ? { code: error.code, message, ...(error.advice === undefined ? {} : { advice: error.advice }) }
    : { code: 'Unexpected', message };
}
