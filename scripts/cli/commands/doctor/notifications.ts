import { doubtAbout } from '#core/notifications/address-form.ts';
import { addressesInEnvironment, parseAddressText, type AllAddresses } from '#core/notifications/addresses.ts';
import type { Environment } from '#core/runtime/environment.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import type { Finding } from './finding.ts';

/**
 * Whether the addresses of notifications are valid in form. Nothing is sent to them.
 * @param secret that of a deployment; undefined: those of the environment, which may have none
 */
export async function notificationFindings(environment: Environment, secret: string | undefined): Promise<Finding[]> {
  let all: AllAddresses;
  try {
    all =
      secret === undefined
        ? addressesInEnvironment((name) => environment.variable(name))
        : parseAddressText(await secretsManager()(secret), `the secret ${secret}`);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return [{ verdict: 'bad', what: `notifications cannot be sent: ${error.message}`, advice: error.advice }];
  }
  if (all.set.size === 0 && secret !== undefined)
    return [
      {
        verdict: 'note',
        what: `the secret ${secret} has no address for notifications`,
        advice: 'docs/watch.md lists its keys, such as NOTIFY_SLACK.',
      },
    ];
  return Array.from(all.set, ([key, address]): Finding => {
    const doubt = doubtAbout(key, address);
    return doubt === undefined
      ? { verdict: 'good', what: `${key} is valid in form` }
      : { verdict: 'note', what: `${key} ${doubt}` };
  });
}
