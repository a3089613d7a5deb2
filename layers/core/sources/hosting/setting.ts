import * as v from 'valibot';

/** What the reference says of a key of a secret. Both are Markdown. */
export interface SettingDescription {
  meaning: string;
  /** What holds where the key is absent, or `needed`. */
  absent: string;
}

/** An entry of a secret's schema, with what the reference says of it. */
export function setting<Schema extends v.GenericSchema>(schema: Schema, meaning: string, absent: string) {
  const description: SettingDescription & Record<string, unknown> = { meaning, absent };
  return v.pipe(schema, v.metadata(description));
}

const descriptionSchema = v.object({ meaning: v.string(), absent: v.string() });

/** @throws {Error} for an entry that is not described */
export function descriptionOf(entry: v.GenericSchema): SettingDescription {
  return v.parse(descriptionSchema, v.getMetadata(entry));
}
