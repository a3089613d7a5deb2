import { HoldfastError } from '#core/runtime/errors.ts';

/** An account of which records are read. */
export interface AccountPlace {
  /** GitHub's number of it. */
  id: string;
  login: string;
}

/** An account that was given up may have been taken by another since. @throws {HoldfastError} SourceMissing */
export function refuseOther(found: unknown, id: string, login: string): void {
  if (typeof found === 'number' && String(found) !== id)
    throw new HoldfastError('SourceMissing', `${login} is another account than was listed`);
}
