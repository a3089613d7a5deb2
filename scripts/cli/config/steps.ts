import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import type { Config } from './config-file.ts';

/** Options that hold for all steps, and are given once or to `run` itself. */
export const commonOptions = ['vault', 'json', 'quiet', 'debug', 'version', 'help'];

/** One command. */
export interface Step {
  /** The verb, and the source of a backup. */
  command: string[];
  args: string[];
}

/**
 * The commands that a configuration stands for.
 * @param verbs the program's own commands, which say which options there are
 * @throws {HoldfastError} ConfigurationInvalid, for the first key that no option has
 */
export function stepsOf(config: Config, verbs: readonly CommandUnknownOpts[], file: string): Step[] {
  const vault = config.vault === undefined ? [] : [`--vault=${config.vault}`];
  const backup = verbNamed(verbs, 'backup');
  const steps = config.backup.map(({ source, ...settings }, at) => {
    const where = `${file}: backup[${at}]`;
    const verb = backup.commands.find((one) => one.name() === source);
    if (!verb)
      throw invalid(
        `${where}.source is not a source that a laptop can back up`,
        `The sources are ${backup.commands.map((one) => one.name()).join(', ')}.`,
      );
    return { command: ['backup', source], args: [...vault, ...argumentsOf(verb, settings, where)] };
  });
  for (const name of ['prune', 'drill'] as const) {
    const settings = config[name];
    if (!settings) continue;
    const args = argumentsOf(verbNamed(verbs, name), settings, `${file}: ${name}`);
    steps.push({ command: [name], args: [...vault, ...args] });
  }
  return steps;
}

/** The names of a verb's operands in a configuration: `owner`, `addresses`. */
export function operandsOf(verb: CommandUnknownOpts): { name: string; variadic: boolean }[] {
  return verb.registeredArguments.map((one) => ({ name: one.name(), variadic: one.variadic }));
}

/** The options that a configuration may set for a verb, by the names that it uses. */
export function optionsOf(verb: CommandUnknownOpts): Map<string, Option> {
  return new Map(
    verb.options
      .map((option): [string, Option] => [option.attributeName(), option])
      .filter(([name]) => !commonOptions.includes(name)),
  );
}

function argumentsOf(verb: CommandUnknownOpts, settings: Record<string, unknown>, where: string): string[] {
  const operands = operandsOf(verb);
  const options = optionsOf(verb);
  const before: string[] = [];
  const after: string[] = [];
  for (const [key, value] of Object.entries(settings)) {
    const option = options.get(key);
    if (operands.some(({ name }) => name === key)) after.push(...textsOf(value, `${where}.${key}`));
    else if (option) before.push(...argumentsFor(option, value, `${where}.${key}`));
    else throw notASetting(key, where, [...operands.map(({ name }) => name), ...options.keys()]);
  }
  // What follows -- is never taken for an option.
  return [...before, ...(after.length === 0 ? [] : ['--', ...after])];
}

function notASetting(key: string, where: string, known: readonly string[]): HoldfastError {
  const wrong = withSuggestion(`${where}.${key} is not a setting`, key, known);
  return invalid(wrong, `There are ${known.join(', ')}.`);
}

/** Whether an option takes no value; one such as --no-forks is none to commander, and takes none either. */
export function isSwitch(option: Option): boolean {
  return option.isBoolean() || option.negate;
}

function argumentsFor(option: Option, value: unknown, where: string): string[] {
  const { long } = option;
  if (long == null) return [];
  if (isSwitch(option)) {
    if (typeof value !== 'boolean') throw invalid(`${where} must be true or false`);
    // An option such as --no-forks is given where its setting is false.
    return value === option.negate ? [] : [long];
  }
  return textsOf(value, where).map((text) => `${long}=${text}`);
}

function textsOf(value: unknown, where: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === 'string' && one !== '') return one;
    if (typeof one === 'number') return String(one);
    throw invalid(`${where} must be text, a number, or a list of these`);
  });
}

function verbNamed(verbs: readonly CommandUnknownOpts[], name: string): CommandUnknownOpts {
  const verb = verbs.find((one) => one.name() === name);
  if (!verb) throw new RangeError(`there is no verb ${name}`);
  return verb;
}

function invalid(message: string, advice?: string): HoldfastError {
  return new HoldfastError('ConfigurationInvalid', message, { advice });
}
