import { createPrivateKey, type KeyObject } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';
import { keepSecret } from '#core/runtime/redact.ts';

/** Lines of a key that are shorter than this tell nothing, and could be ordinary words. */
const shortestSecretLine = 16;

/**
 * The private key of a GitHub App, which GitHub gives as a PEM file. Consoles and shells change the line breaks of such a
 * file: they may have become `\n` or spaces, and all of it may stand in Base64.
 * @param origin where it came from, for messages: `GITHUB_APP_PRIVATE_KEY`
 * @throws {HoldfastError} ConfigurationInvalid; never with a part of the key
 */
export function privateKey(text: string, origin: string): KeyObject {
  keepKey(text);
  const [, label = '', body = ''] =
    /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/.exec(unescaped(text)) ??
    /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/.exec(Buffer.from(text, 'base64').toString('latin1')) ??
    [];
  if (label === '')
    throw invalid(
      `${origin} is not a private key`,
      'Give the PEM file that GitHub made for the app, from its first line on.',
    );
  if (label.startsWith('ENCRYPTED'))
    throw invalid(`${origin} is encrypted`, 'Give the key as GitHub made it, without a passphrase.');
  const lines = body.replace(/[^A-Za-z0-9+/=]/g, '').match(/.{1,64}/g) ?? [];
  const pem = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
  keepKey(pem);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The reason is not kept as the cause: it may quote the text.
    throw invalid(
      `${origin} is not a private key, or is cut off`,
      'Give the whole PEM file that GitHub made for the app.',
    );
  }
  if (key.asymmetricKeyType === 'rsa') return key;
  throw invalid(`${origin} is not an RSA key`, 'Give the PEM file that GitHub made for the app.');
}

/** Masks a key wherever it is quoted, also line by line. */
export function keepKey(text: string): void {
  keepSecret(text);
  for (const line of unescaped(text).split(/\s+/)) if (line.length >= shortestSecretLine) keepSecret(line);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\r|\\n/g, '\n');
}

function invalid(message: string, advice: string): HoldfastError {
  return new HoldfastError('ConfigurationInvalid', message, { advice });
}
