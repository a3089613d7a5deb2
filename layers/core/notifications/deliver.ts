import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { HttpClient, retryAfterMs } from '#core/runtime/http.ts';
import { printableJson } from '#core/runtime/printable.ts';
import { mask } from '#core/runtime/redact.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { Addresses } from './addresses.ts';
import { jsonMessage } from './json.ts';
import type { Notice } from './notice.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';

/** How long and how often an address is tried, in milliseconds. */
export interface Patience extends RetryPolicy {
  /** For one answer. */
  answerMs: number;
  /** For all attempts at one address. */
  inAllMs: number;
}

export const defaultPatience: Patience = {
  attempts: 3,
  firstWaitMs: 1_000,
  longestWaitMs: 20_000,
  answerMs: 10_000,
  inAllMs: 60_000,
};

const forms = [
  { channel: 'slack', name: 'Slack', body: slackMessage },
  { channel: 'teams', name: 'Teams', body: teamsMessage },
  { channel: 'webhook', name: 'the webhook', body: jsonMessage },
] as const;

/**
 * Sends a notice to every address there is, all at once. Never throws: what is told of must not be hidden by how it is
 * told.
 * @returns a warning for each that did not get it, which says nothing of the address
 */
export async function deliver(
  notice: Notice,
  addresses: Addresses,
  patience: Patience = defaultPatience,
): Promise<string[]> {
  const safe = withoutSecrets(notice);
  const sent = forms.map(async ({ channel, name, body }) => {
    const address = addresses[channel];
    if (!address) return [];
    return unlessItFails(`${name} did not get the notification`, address, patience, () => ({
      method: 'POST',
      url: address,
      body: body(safe),
      id: [notice.kind, notice.source, notice.id].filter((part) => part !== undefined).join(' '),
    }));
  });
  return (await Promise.all(sent)).flat();
}

/**
 * Pings a dead-man's switch, which raises the alarm when no ping comes any more. Never throws.
 * @param what what went well, or did not
 */
export async function beat(
  addresses: Addresses,
  what: { of: 'run' | 'drill'; well: boolean },
  patience: Patience = defaultPatience,
): Promise<string[]> {
  const address = what.of === 'run' ? addresses.heartbeat : addresses.drillHeartbeat;
  if (!address || (!what.well && addresses.onFailure === undefined)) return [];
  const url = what.well ? address : failureOf(address, addresses.onFailure ?? '');
  return unlessItFails('the heartbeat was not heard', address, patience, () => ({ method: 'GET', url }));
}

function failureOf(address: URL, onFailure: string): URL {
  const url = new URL(address);
  if (onFailure.startsWith('?'))
    for (const [name, value] of new URLSearchParams(onFailure)) url.searchParams.set(name, value);
  else url.pathname = `${url.pathname.replace(/\/$/, '')}${onFailure}`;
  return url;
}

interface Sending {
  method: 'GET' | 'POST';
  url: URL;
  body?: object;
  id?: string;
}

async function unlessItFails(
  what: string,
  address: URL,
  patience: Patience,
  sending: () => Sending,
): Promise<string[]> {
  const over = new AbortController();
  const timer = setTimeout(
    () => over.abort(new HoldfastError('Unavailable', `no attempt succeeded within ${patience.inAllMs / 1000} s`)),
    patience.inAllMs,
  );
  const http = new HttpClient({ answerMs: patience.answerMs, stallMs: patience.answerMs, signal: over.signal });
  try {
    const request = sending();
    await retry(() => send(http, request), patience, { signal: over.signal });
    return [];
  } catch (error) {
    return [`${what}: ${withoutHost(messageOf(error), address)}`];
  } finally {
    clearTimeout(timer);
    http.close();
  }
}

/** @throws {HoldfastError} Unavailable, AccessDenied, RemoteRefused; the server's words are not repeated */
async function send(http: HttpClient, { method, url, body, id }: Sending): Promise<void> {
  const bytes = body && Buffer.from(printableJson(body));
  const answer = await http.send({
    method,
    url,
    headers: {
      ...(bytes ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      // For servers that heed it: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
      ...(id === undefined ? {} : { 'idempotency-key': JSON.stringify(id) }),
    },
    ...(bytes ? { body: { length: bytes.length, chunks: [bytes] } } : {}),
  });
  answer.close();
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const comesBack = status === 429 || status === 408 || status >= 500;
  throw new HoldfastError(
    comesBack ? 'Unavailable' : 'RemoteRefused',
    `the server answers ${status}${meaning(status)}`,
    {
      transient: comesBack,
      retryAfterMs: retryAfterMs(answer.headers),
    },
  );
}

function meaning(status: number): string {
  if (status >= 300 && status < 400) return ', a redirect, which is not followed: set the address to which it leads';
  if ([401, 403, 404, 410].includes(status)) return ': check the address, or make a new one';
  return '';
}

/** But for the link to the page, which is one itself and is meant for those who are told. */
function withoutSecrets(notice: Notice): Notice {
  const { level, why } = notice.severity;
  return {
    ...notice,
    severity: { level, why: mask(why) },
    subject: mask(notice.subject),
    text: mask(notice.text),
    details: Object.fromEntries(Object.entries(notice.details).map(([name, value]) => [name, masked(value)])),
  };
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]));
}

/** The host alone may tell whose address it is, and the log need only say which kind it was. */
function withoutHost(message: string, { origin, host, hostname }: URL): string {
  let plain = mask(message);
  for (const form of [origin, host, hostname]) plain = plain.replaceAll(form, 'the server');
  return plain;
}
