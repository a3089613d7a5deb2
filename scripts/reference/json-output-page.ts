import type { JsonSchema } from '@valibot/to-json-schema';
import prettier from 'prettier';
import type * as v from 'valibot';
import { eventsOfVerbs } from '../cli/events/all.ts';
import { errorEvents } from '../cli/events/failure.ts';
import { schemaOfEvent } from './json-output-schema.ts';

const introduction = `# What \`--json\` prints

With \`--json\` each command prints one JSON object a line on standard output, and nothing else there. \`event\` says what the
line is about. Later versions may add events and properties; they do not remove or change those below. Exit codes are the
same as without it. \`completion\`, \`--help\` and \`--version\` print no results and do not take it.

Items have one form everywhere, the \`address\`, which every verb takes: \`github/acme/website\`. Times are in UTC, sizes in
bytes.

[json-output.schema.json](json-output.schema.json) says the same as a JSON Schema, with the lines of a verb under
\`definitions\`. Both files are made of the types that the program itself prints by:
\`node --import tsx scripts/reference/write.ts\`.`;

/** The page that describes every event of every verb, made of their schemas. */
export async function jsonOutputPage(): Promise<string> {
  const sections = [
    introduction,
    section('Every verb', errorEvents),
    ...eventsOfVerbs.map(({ verb, note, events }) => section(`\`${verb}\``, events, note)),
  ];
  return prettier.format(sections.join('\n\n'), { parser: 'markdown', printWidth: 120 });
}

function section(heading: string, events: readonly v.GenericSchema[], note?: string): string {
  return [`## ${heading}`, ...(note === undefined ? [] : [note]), ...events.map((one) => listOf(one))].join('\n\n');
}

function listOf(event: v.GenericSchema): string {
  const { description = '', properties = {}, required = [] } = schemaOfEvent(event);
  const { event: name, ...others } = properties;
  const lines = Object.entries(others).map(([key, schema]) => {
    const optional = required.includes(key) ? '' : ', optional';
    const what = typeof schema === 'object' && schema.description !== undefined ? `: ${schema.description}` : '';
    return `- \`${key}\` (${typeOf(schema)}${optional})${what}`;
  });
  return [`**\`${constantOf(name)}\`**: ${description}`, lines.join('\n')].join('\n\n');
}

function constantOf(schema: JsonSchema | boolean | undefined): string {
  return typeof schema === 'object' && typeof schema.const === 'string' ? schema.const : '';
}

function typeOf(schema: JsonSchema | boolean): string {
  if (typeof schema === 'boolean') return 'any';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((one) => `\`${JSON.stringify(one)}\``).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeOf(one)))].join(' or ');
  if (schema.type === 'array')
    return `list of ${typeof schema.items === 'object' && !Array.isArray(schema.items) ? typeOf(schema.items) : 'any'}`;
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`;
  return typeof schema.type === 'string' ? schema.type : 'any';
}
