import { readFile } from 'node:fs/promises';
import { addressesInEnvironment, parseAddressText, type AllAddresses } from '#core/notifications/addresses.ts';
import { beat, deliver } from '#core/notifications/deliver.ts';
import type { Notice } from '#core/notifications/notice.ts';
import type { Environment } from '#core/runtime/environment.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import { definitionOf } from '#core/sources/table.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { exitCode } from '../exit-codes.ts';
import type { HandedOn } from './handed-on.ts';
import type { Config } from './config-file.ts';
import type { Step } from './steps.ts';

/**
 * Where `holdfast run` sends its notifications: to the addresses of a secret, a file or the environment.
 * @throws {HoldfastError} ConfigurationInvalid, and what a secret fails with
 */
export async function addressesFor(
  { secret, addressFile }: NonNullable<Config['notify']>,
  environment: Environment,
  file: string,
): Promise<AllAddresses> {
  if (secret !== undefined && addressFile !== undefined)
    throw new HoldfastError('ConfigurationInvalid', `${file}: notify has both a secret and an addressFile`, {
      advice: 'Keep the addresses in one of the two.',
    });
  if (secret !== undefined) return parseAddressText(await secretsManager()(secret), `the secret ${secret}`);
  if (addressFile === undefined) return addressesInEnvironment((name) => environment.variable(name));
  const text = await readFile(addressFile, 'utf8').catch((error: unknown) => {
    throw new HoldfastError('ConfigurationInvalid', `cannot read notify.addressFile: ${messageOf(error)}`, {
      cause: error,
    });
  });
  return parseAddressText(text, addressFile);
}

/** How a command of a configuration ended. */
export interface EndedStep {
  step: Step;
  code: number;
  started: Date;
  /** What it has said of that itself. */
  said: HandedOn | undefined;
}

/** Tells of one command where that is due. @returns a warning for each address that did not get it */
export async function tellOfStep(all: AllAddresses, ended: EndedStep, success: boolean): Promise<string[]> {
  const { step, code } = ended;
  const addresses = all.of(definitionOf(step.command[1])?.name);
  const pinged =
    step.command[0] === 'drill' ? await beat(addresses, { of: 'drill', well: code === exitCode.well }) : [];
  if (code === exitCode.well && !success) return pinged;
  return [...pinged, ...(await deliver(noticeOf(ended), addresses))];
}

function noticeOf({ step, code, started, said }: EndedStep): Notice {
  const source = definitionOf(step.command[1])?.name;
  const about = source === undefined ? {} : { source };
  if (said && 'notice' in said) return { ...said.notice, ...about };
  const command = step.command.join(' ');
  const meaning = meanings.get(code) ?? `ended with the exit code ${code}`;
  const subject = `Holdfast: ${command} ${meaning}`;
  const why = said ? `${said.failure.code}: ${said.failure.message}` : `holdfast ${command} ${meaning}`;
  return {
    kind: 'command',
    id: snapshotIdOf(started),
    ...about,
    severity: { level: levelOf(code), why },
    subject,
    text: [`${subject}.`, '', ...(said ? [`Reason: ${why}`] : []), `Started ${started.toISOString()}`].join('\n'),
    details: {
      command,
      exitCode: code,
      started: started.toISOString(),
      finished: new Date().toISOString(),
      ...(said ? { error: said.failure } : {}),
    },
  };
}

const meanings = new Map<number, string>([
  [exitCode.well, 'went well'],
  [exitCode.failed, 'FAILED'],
  [exitCode.usage, 'FAILED: the configuration asks for what cannot be'],
  [exitCode.partial, 'is PARTIAL'],
  [exitCode.damage, 'found DAMAGE'],
]);

function levelOf(code: number): Notice['severity']['level'] {
  if (code === exitCode.well) return 'ok';
  return code === exitCode.partial ? 'warning' : 'critical';
}
