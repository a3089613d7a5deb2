import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { eventsOfVerbs } from '../cli/events/all.ts';
import { errorEvents } from '../cli/events/failure.ts';

/** The JSON Schema of one event. */
export function schemaOfEvent(schema: v.GenericSchema): JsonSchema {
  // What only a function can check is left out.
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest;
}

/** The JSON Schema of what each verb prints, by its name. https://json-schema.org/draft-07 */
export function jsonOutputSchema(): JsonSchema {
  const numbers = new Map<v.GenericSchema, string>();
  const reference = (schema: v.GenericSchema): JsonSchema => {
    const name = numbers.get(schema) ?? `line-${numbers.size + 1}`;
    numbers.set(schema, name);
    return { $ref: `#/definitions/${name}` };
  };
  const verbs = eventsOfVerbs.map(({ verb, events }): [string, JsonSchema] => [
    verb,
    { anyOf: [...errorEvents, ...events].map(reference) },
  ]);
  const lines = [...numbers].map(([schema, name]): [string, JsonSchema] => [name, schemaOfEvent(schema)]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'What holdfast prints with --json: one object a line',
    anyOf: verbs.map(([verb]) => ({ $ref: `#/definitions/${verb}` })),
    definitions: Object.fromEntries([...verbs, ...lines]),
  };
}
