import { readConfiguration } from '#core/runtime/configuration.ts';
import { messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { secretsManager, type SecretReader } from '#core/runtime/secrets-manager.ts';
import type { Source } from '#core/vault/layout.ts';
import { parseAddressText, type Addresses } from './addresses.ts';

/**
 * The addresses of a deployment, as its secret has them at this moment; none where it has no such secret. Never throws: a
 * secret that cannot be read is a warning, since the topic still tells people.
 */
export async function deployedAddresses(
  source: Source,
  readSecret: SecretReader = secretsManager(),
): Promise<{ addresses: Addresses; warnings: string[] }> {
  const none: Addresses = { onFailure: undefined };
  try {
    const { HOLDFAST_NOTIFY_SECRET: name } = readConfiguration(['HOLDFAST_NOTIFY_SECRET']);
    if (name === undefined) return { addresses: none, warnings: [] };
    const all = parseAddressText(await readSecret(name), `the secret ${name}`);
    return { addresses: all.of(source), warnings: [] };
  } catch (error) {
    return { addresses: none, warnings: [`no webhook and no heartbeat was reached: ${mask(messageOf(error))}`] };
  }
}

/** Names in a function's log what was not delivered. */
export function logUndelivered(
  logger: { warn(message: string, more: { reason: string }): void },
  warnings: readonly string[],
): void {
  for (const reason of warnings) logger.warn('a notification was not delivered', { reason });
}
