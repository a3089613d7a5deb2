import * as v from 'valibot';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { parse, parseJson } from '#core/runtime/schema.ts';
import { sources } from '#core/sources/table.ts';
import type { Source } from '#core/vault/layout.ts';

/**
 * Where notifications go. Anyone who has such an address can write to the channel behind it, so each is a secret: it is
 * masked from the moment it is read, and no message names more of it than its key.
 */
export interface Addresses {
  slack?: URL;
  teams?: URL;
  webhook?: URL;
  /** Pinged by every run that went well. */
  heartbeat?: URL;
  /** The same of drills. */
  drillHeartbeat?: URL;
  /** What is added to the address of a heartbeat when it did not go well: a path or a query; undefined: no ping. */
  onFailure: string | undefined;
}

const keys = {
  slack: 'NOTIFY_SLACK',
  teams: 'NOTIFY_TEAMS',
  webhook: 'NOTIFY_WEBHOOK',
  heartbeat: 'NOTIFY_HEARTBEAT',
  drillHeartbeat: 'NOTIFY_DRILL_HEARTBEAT',
} as const;

const onFailureKey = 'NOTIFY_HEARTBEAT_ON_FAILURE';

/** As Healthchecks.io has it: https://healthchecks.io/docs/signaling_failures/ */
const defaultOnFailure = '/fail';

type Channel = keyof typeof keys;
const channels = Object.keys(keys) as Channel[];

/** Whose own address a key may name: `NOTIFY_HEARTBEAT_GITHUB`. */
const owners = [...sources, 'efs'] as const;

const address = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => URL.canParse(text), 'must be an address, as https://host/path'),
  v.check(
    (text) => !URL.canParse(text) || isProtected(new URL(text)),
    'must begin with https://; only this machine itself may be reached by http://',
  ),
  v.check((text) => !URL.canParse(text) || new URL(text).username === '', 'must hold no user and password'),
  v.transform((text) => new URL(text)),
);

const onFailure = v.pipe(
  v.string(),
  v.trim(),
  v.check(
    (text) => text === 'none' || /^[/?][\w./?=&%+-]*$/.test(text),
    'must be none, a path that begins with /, or a query that begins with ?',
  ),
  v.transform((text) => (text === 'none' ? undefined : text)),
);

const entries = Object.fromEntries(
  channels.flatMap((channel) =>
    [keys[channel], ...owners.map((owner) => `${keys[channel]}_${owner.toUpperCase()}`)].map((key) => [
      key,
      v.optional(address),
    ]),
  ),
);

/** The keys that a secret with addresses may have. */
export const addressKeys = [...Object.keys(entries), onFailureKey];

const schema = v.pipe(
  v.looseObject({ ...entries, [onFailureKey]: v.optional(onFailure) }),
  v.rawCheck(({ dataset, addIssue }) => {
    const input: Record<string, unknown> = Object.fromEntries(Object.entries(dataset.value ?? {}));
    for (const key of Object.keys(input)) {
      if (addressKeys.includes(key)) continue;
      // A key that is none of ours may be an address in the wrong place.
      const shown = /^[A-Z_]{1,40}$/.test(key);
      addIssue({
        message: shown ? withSuggestion(`${key} is not a setting`, key, addressKeys) : 'a key is not a setting',
      });
    }
  }),
);

/** All addresses of a deployment or a machine. */
export interface AllAddresses {
  /** Those for a source; without one, those that no source has of its own. */
  of(source: Source | undefined): Addresses;
  /** The key of each address that is set, with the address. */
  readonly set: ReadonlyMap<string, URL>;
}

/**
 * Parses addresses by their keys.
 * @param what where they are from, for messages; these never repeat a value
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseAddresses(values: Record<string, unknown>, what: string): AllAddresses {
  for (const value of [...Object.keys(values), ...Object.values(values)])
    if (typeof value === 'string') keepAddress(value.trim());
  const parsed: Record<string, unknown> = parse(schema, values, what);
  const set = new Map<string, URL>();
  for (const [key, value] of Object.entries(parsed)) if (value instanceof URL) set.set(key, value);
  const suffix = onFailureKey in values ? parsed[onFailureKey] : defaultOnFailure;
  return {
    set,
    of: (source) => ({
      ...Object.fromEntries(
        channels.flatMap((channel) => {
          const own = source && set.get(`${keys[channel]}_${source.toUpperCase()}`);
          const found = own ?? set.get(keys[channel]);
          return found ? [[channel, found]] : [];
        }),
      ),
      onFailure: typeof suffix === 'string' ? suffix : undefined,
    }),
  };
}

const pairs = v.record(v.string(), v.unknown());

/** The same of the text of a secret or a file. @throws {HoldfastError} ConfigurationInvalid */
export function parseAddressText(text: string, what: string): AllAddresses {
  return parseAddresses(parseJson(pairs, text.trim(), what), what);
}

/** By what the environment's variables begin that name the same keys. */
const prefix = 'HOLDFAST_';

/**
 * The same of the environment: `HOLDFAST_NOTIFY_SLACK` and so on.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function addressesInEnvironment(variable: (name: string) => string | undefined): AllAddresses {
  const values: Record<string, string> = {};
  for (const key of addressKeys) {
    const value = variable(`${prefix}${key}`);
    if (value !== undefined) values[key] = value;
  }
  return parseAddresses(values, 'the environment (HOLDFAST_NOTIFY_…)');
}

/** An environment without addresses, for processes that send nothing. */
export function withoutAddresses(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(`${prefix}NOTIFY_`)));
}

/** Whether nobody between here and there can read it. */
function isProtected({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Keeps an address secret as a whole, and each part of it that names a channel or proves a right. */
function keepAddress(text: string): void {
  if (!URL.canParse(text)) return;
  const { href, pathname, search, searchParams } = new URL(text);
  for (const form of [text, href]) keepSecret(form);
  if (pathname.length >= 8) keepSecret(`${pathname}${search}`);
  const parts = [...pathname.split('/'), ...searchParams.values()];
  // Words such as "services" stand elsewhere, too.
  for (const part of parts) if (part.length >= 20 || (part.length >= 8 && /\d/.test(part))) keepSecret(part);
}
