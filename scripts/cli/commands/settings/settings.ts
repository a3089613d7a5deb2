import { text as textOf } from 'node:stream/consumers';
import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { secretsManager, storeSecret } from '#core/runtime/secrets-manager.ts';
import type { SourceDefinition } from '#core/sources/definition.ts';
import type { SourceSecret } from '#core/sources/deployed.ts';
import { sourceDefinitions } from '#core/sources/table.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { table } from '../../table.ts';
import type { SettingsSetFlags, SettingsShowFlags } from './options.ts';
import type { SetSettingEvent, ShowSettingsEvent } from './events.ts';

const settingsSchema = v.record(v.string(), v.unknown());

export async function showSettings({ output }: Context, { secret }: SettingsShowFlags): Promise<number> {
  const settings = await read(secret);
  const shown = Object.entries(settings).map(([key, value]): [string, unknown] => [
    key,
    isSecret(key) ? '(set)' : value,
  ]);
  output.event<ShowSettingsEvent>({ event: 'settings', secret, settings: Object.fromEntries(shown) });
  for (const line of await table(shown.map(([key, value]) => [key, textOfValue(value)]))) output.result(line);
  return exitCode.well;
}

/** Reads, changes one key, checks the whole as a run would, and only then stores it. */
export async function setSetting(
  { output }: Context,
  { secret, remove, dryRun }: SettingsSetFlags,
  key: string,
  typed?: string,
): Promise<number> {
  if (isSecret(key) && typed !== undefined)
    throw new HoldfastError('Usage', `the value of ${key} is a secret, and other programs can read arguments`, {
      advice: `Give it on standard input, for instance: gh auth token | holdfast settings set ${key}`,
    });
  if (remove && typed !== undefined) throw new HoldfastError('Usage', '--remove takes no value');
  const { [key]: _, ...others } = await read(secret);
  const settings = remove ? others : { ...others, [key]: typed ?? (await fromStandardInput(key)) };
  const changed = JSON.stringify(settings, null, 2);
  await secretOf(settings).check(changed, secret);
  if (!dryRun) await storeSecret(secret, changed);
  output.event<SetSettingEvent>({ event: 'setting', secret, key, removed: remove, stored: !dryRun });
  const value = remove ? 'removed' : `set to ${isSecret(key) ? 'the new value' : textOfValue(settings[key] ?? '')}`;
  output.line(dryRun ? `${key} would be ${value}; nothing was changed` : `${key} is ${value}, from the next run on`);
  return exitCode.well;
}

/** The addresses of notifications, which have a secret of their own. */
const notifications: Pick<SourceSecret, 'check'> = {
  check: async (text, name) => {
    (await import('#core/notifications/addresses.ts')).parseAddressText(text, name);
  },
};

/** Of which source the secret is, by the keys that it has; by default of the first that has any. */
function secretOf(settings: Record<string, unknown>): Pick<SourceSecret, 'check'> {
  if (Object.keys(settings).some((key) => key.startsWith('NOTIFY_'))) return notifications;
  const secrets = (sourceDefinitions as readonly SourceDefinition[]).flatMap(({ deployed }) => deployed?.secret ?? []);
  const found = secrets.find(({ ownKeys }) => ownKeys.some((key) => key in settings)) ?? secrets[0];
  if (!found) throw new HoldfastError('SourceUnsupported', 'no source has its settings in a secret');
  return found;
}

async function read(name: string): Promise<Record<string, unknown>> {
  const text = await secretsManager()(name);
  const settings = parseJson(settingsSchema, text, `the secret ${name}`);
  for (const [key, value] of Object.entries(settings))
    if (isSecret(key) && typeof value === 'string') keepSecret(value);
  return settings;
}

async function fromStandardInput(key: string): Promise<string> {
  if (process.stdin.isTTY)
    throw new HoldfastError('Usage', `the value of ${key} is missing`, {
      advice: isSecret(key) ? 'Give it on standard input, so that it is recorded nowhere.' : 'Give it after the key.',
    });
  const value = (await textOf(process.stdin)).trim();
  if (isSecret(key)) keepSecret(value);
  if (value === '') throw new HoldfastError('Usage', `the new value of ${key} is empty`);
  return value;
}

function isSecret(key: string): boolean {
  // The address of a webhook is all that it takes to write to it.
  return /TOKEN|PRIVATE_KEY|PASSWORD|^NOTIFY_(?!HEARTBEAT_ON_FAILURE$)/.test(key);
}

function textOfValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
