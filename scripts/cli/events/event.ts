import * as v from 'valibot';

/** One line of `--json`, as its schema describes it. */
export type EventOf<Schemas extends readonly v.GenericSchema[]> = v.InferInput<Schemas[number]>;

/**
 * The schema of one event.
 * @param what it says, for docs/json-output.md
 */
export function event<const Name extends string, Entries extends v.ObjectEntries>(
  name: Name,
  what: string,
  entries: Entries,
) {
  return v.pipe(v.strictObject({ event: v.literal(name), ...entries }), v.description(what));
}

export function text(what: string) {
  return v.pipe(v.string(), v.description(what));
}

export function texts(what: string) {
  return v.pipe(v.array(v.string()), v.description(what));
}

export function number(what: string) {
  return v.pipe(v.number(), v.description(what));
}

export function flag(what: string) {
  return v.pipe(v.boolean(), v.description(what));
}
