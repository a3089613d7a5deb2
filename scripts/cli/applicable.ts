import { HoldfastError } from '#core/runtime/errors.ts';

/** Which options of a verb make sense for which sort of operand. */
export interface Scope<Sort extends string> {
  /** How each sort reads after "does not apply to". */
  sorts: Record<Sort, string>;
  /** The options that are for some sorts only, by the name of their property; those not named are for all. */
  options: Readonly<Record<string, { for: readonly Sort[]; what: string }>>;
}

/** What the caller gave on the command line: property → as it is written, `--no-follow`. */
export type GivenOptions = ReadonlyMap<string, string>;

export function applies<Sort extends string>(scope: Scope<Sort>, option: string, sort: Sort): boolean {
  return scope.options[option]?.for.includes(sort) ?? true;
}

/**
 * Refuses what would be ignored.
 * @throws {HoldfastError} Usage, naming the option, why it does not apply, and what it is for
 */
export function refuseInapplicable<Sort extends string>(scope: Scope<Sort>, given: GivenOptions, sort: Sort): void {
  for (const [option, flag] of given) {
    const limited = scope.options[option];
    if (!limited || limited.for.includes(sort)) continue;
    throw doesNotApply(flag, scope.sorts[sort], limited.what);
  }
}

/** @param what it is for, as it reads after "It" */
export function doesNotApply(flag: string, to: string, what: string): HoldfastError {
  return new HoldfastError('Usage', `${flag} does not apply to ${to}`, { advice: `${flag} ${what}.` });
}

/**
 * Refuses an option that means nothing without another.
 * @throws {HoldfastError} Usage
 */
export function requireTogether(given: GivenOptions, option: string, needed: string, why: string): void {
  const flag = given.get(option);
  if (flag === undefined || given.has(needed)) return;
  const other = needed.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new HoldfastError('Usage', `${flag} does not apply without --${other}`, { advice: `${flag} ${why}.` });
}

/**
 * Refuses two options that name the same thing in two ways.
 * @throws {HoldfastError} Usage
 */
export function refuseTogether(given: GivenOptions, at: string, id: string): void {
  const [moment, name] = [given.get(at), given.get(id)];
  if (moment === undefined || name === undefined) return;
  throw new HoldfastError('Usage', `${moment} does not apply together with ${name}`, {
    advice: `${name} names the snapshot, ${moment} the moment of which the newest is taken.`,
  });
}
