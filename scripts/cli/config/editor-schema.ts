import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { isSwitch, operandsOf, optionsOf } from './steps.ts';

/**
 * The JSON Schema of a configuration file, by which editors complete and check it: made of the options of the verbs, so
 * that it knows what the command line knows. https://json-schema.org/draft-07
 */
export function editorSchema(verbs: readonly CommandUnknownOpts[]): object {
  const sources = verbs.find((verb) => verb.name() === 'backup')?.commands ?? [];
  const settings = (name: string): object => {
    const verb = verbs.find((one) => one.name() === name);
    return verb ? { ...objectOf(verb), description: verb.description() } : {};
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Holdfast on a machine without a deployment: what holdfast run does',
    type: 'object',
    additionalProperties: false,
    required: ['backup'],
    properties: {
      $schema: { type: 'string' },
      vault: {
        type: 'string',
        description: 'a folder or s3://bucket/prefix; else HOLDFAST_VAULT, else the folder vault',
      },
      backup: { type: 'array', minItems: 1, items: { oneOf: sources.map((source) => sourceOf(source)) } },
      prune: settings('prune'),
      drill: settings('drill'),
      notify: {
        type: 'object',
        additionalProperties: false,
        description:
          'who hears how it went; addresses are secrets and stand elsewhere, by default in HOLDFAST_NOTIFY_…',
        properties: {
          success: { type: 'boolean', description: 'also what went well' },
          addressFile: { type: 'string', description: 'a JSON file with the addresses' },
          secret: { type: 'string', description: 'the secret in AWS Secrets Manager with the addresses' },
        },
      },
    },
  };
}

function sourceOf(verb: CommandUnknownOpts): object {
  const { properties, ...rest } = objectOf(verb);
  return {
    ...rest,
    description: verb.description(),
    required: ['source'],
    properties: { source: { const: verb.name() }, ...properties },
  };
}

function objectOf(verb: CommandUnknownOpts): { type: 'object'; additionalProperties: false; properties: object } {
  const operands = operandsOf(verb).map(({ name, variadic }): [string, object] => [
    name,
    variadic ? listOf({ type: 'string' }) : { type: 'string' },
  ]);
  const options = [...optionsOf(verb)].map(([name, option]): [string, object] => [
    name,
    { ...typeOf(option), description: option.description },
  ]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries([...operands, ...options]) };
}

function typeOf(option: Option): object {
  if (isSwitch(option)) return { type: 'boolean' };
  const one = option.argChoices ? { enum: option.argChoices } : { type: ['string', 'number'] };
  return Array.isArray(option.defaultValue) ? listOf(one) : one;
}

/** One may stand without brackets, as on the command line. */
function listOf(one: object): object {
  return { anyOf: [one, { type: 'array', items: one }] };
}
