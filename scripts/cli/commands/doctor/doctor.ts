import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { nativeGitVersion } from '#core/git/native.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { version } from '#core/runtime/version.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { defaultGitHubSettings } from '#core/sources/github/settings.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { parseVaultLocation } from '#core/vault/storage/open-vault.ts';
import type { Store, Vault } from '#core/vault/storage/vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { gitHubCredential, namedSecret } from '../../open-github.ts';
import type { DoctorFlags } from './options.ts';
import type { DoctorEvent } from './events.ts';
import type { Finding } from './finding.ts';
import { notificationFindings } from './notifications.ts';

/** Checks what a backup needs before it is needed, and says what to do about it. */
export async function doctor(context: Context, flags: DoctorFlags): Promise<number> {
  const { output, vault } = context;
  const findings = [
    node(),
    await git(),
    ...(await vaultFindings(vault)),
    ...(await credentials(context, flags)),
    ...(await notificationFindings(context.environment, flags.notifySecret)),
  ];
  for (const { verdict, what, advice } of findings) {
    output.event<DoctorEvent>({ event: 'finding', verdict, what, ...(advice === undefined ? {} : { advice }) });
    const colour = verdict === 'good' ? 'green' : verdict === 'note' ? 'yellow' : 'red';
    const say = verdict === 'bad' ? output.result.bind(output) : output.line.bind(output);
    say(`${output.paint(colour, verdict.padEnd(4))}  ${what}`);
    if (advice !== undefined) say(`      ${advice}`);
  }
  return findings.some(({ verdict }) => verdict === 'bad') ? exitCode.failed : exitCode.well;
}

/** The oldest Node for which libraries, the AWS SDK first, will go on to bring out updates from January 2027 on. */
const lastingNode = 22;

function node(): Finding {
  const { node: running } = process.versions;
  const what = `Holdfast ${version} on Node.js ${running}`;
  if (Number.parseInt(running) >= lastingNode) return { verdict: 'good', what };
  return {
    verdict: 'note',
    what: `${what}, for which the AWS SDK gets no updates from January 2027 on`,
    advice: `Install Node.js ${lastingNode} or newer; this version of Holdfast continues to work.`,
  };
}

async function git(): Promise<Finding> {
  const found = await nativeGitVersion();
  if (found !== undefined) return { verdict: 'good', what: `git ${found} is on the PATH` };
  return {
    verdict: 'note',
    what: 'there is no git on the PATH: backups over HTTP and restores to servers and bundles work without it',
    advice: 'Install git to back up local folders, and to restore or drill large repositories.',
  };
}

/** Where a folder is not there yet, it is left so: only a backup makes a vault. */
async function vaultFindings(vault: Vault): Promise<Finding[]> {
  const place = parseVaultLocation(vault.location);
  if (!('folder' in place) || (await stat(place.folder).catch(() => undefined))) {
    return [await reading(vault), ...(await storing(vault))];
  }
  const what = `there is no folder ${vault.location} yet`;
  let parent = path.dirname(place.folder);
  while (!(await stat(parent).catch(() => undefined))) parent = path.dirname(parent);
  try {
    await access(parent, constants.W_OK);
    return [{ verdict: 'note', what, advice: 'The first backup makes it. If it should be there, check --vault.' }];
  } catch (error) {
    return [failed(`${what}, and it cannot be made in ${parent}`, error)];
  }
}

async function reading(vault: Vault): Promise<Finding> {
  try {
    for await (const _ of vault.list('runs/')) break;
    return { verdict: 'good', what: `the vault ${vault.location} can be read` };
  } catch (error) {
    return failed(`the vault ${vault.location} cannot be read`, error);
  }
}

/** What only a store that others run may lack: the region, and creating once. */
async function storing(vault: Vault): Promise<Finding[]> {
  const { store } = vault;
  if (!store) return [await writing(vault)];
  try {
    const address = await store.address();
    const elsewhere = await region(vault, store);
    if (address === undefined) return [...elsewhere, await writing(vault)];
    if (await store.createsOnce())
      return [
        ...elsewhere,
        { verdict: 'good', what: `the store at ${address} refuses to overwrite what is there` },
        await writing(vault),
      ];
    const what = `the store at ${address} overwrites what is there: two backups at once could damage each other`;
    if (await store.overwritesAccepted())
      return [
        { verdict: 'note', what, advice: 'That is accepted for this vault. Never back up twice at once.' },
        await writing(vault),
      ];
    return [
      {
        verdict: 'bad',
        what,
        advice:
          'Use a store that honours If-None-Match: *, or accept it for this vault by backup … --accept-overwrites.',
      },
    ];
  } catch (error) {
    return [failed(`the vault ${vault.location} cannot be written`, error)];
  }
}

async function region(vault: Vault, store: Store): Promise<Finding[]> {
  const other = await store.otherRegion();
  if (!other) return [];
  const { bucket, configured } = other;
  return [
    {
      verdict: 'note',
      what: `the vault ${vault.location} is in ${bucket}, not in ${configured}`,
      advice: `It is found there; AWS_REGION=${bucket} spares each command one request.`,
    },
  ];
}

async function writing(vault: Vault): Promise<Finding> {
  const key = `doctor/${snapshotIdOf(new Date())}`;
  try {
    await vault.create(key, Buffer.from('Written by holdfast doctor to see whether it can be; it may be removed.\n'));
  } catch (error) {
    return failed(`the vault ${vault.location} cannot be written`, error);
  }
  // The role that writes backups may not delete, and need not: then one small object stays.
  await vault.remove(key).catch(() => undefined);
  return { verdict: 'good', what: `the vault ${vault.location} can be written` };
}

/** Asks GitHub who the token is; only where there is one, or where one was named. */
async function credentials(context: Context, flags: DoctorFlags): Promise<Finding[]> {
  const http = new HttpClient({ signal: context.signal });
  try {
    const secret = await namedSecret(flags);
    const credential = gitHubCredential(context, flags, { http, owner: secret?.settings.owner, secret });
    const token = await credential.token();
    if (token === undefined)
      return [
        {
          verdict: 'note',
          what: 'there is no GitHub token: only public repositories, and 60 API requests an hour',
          advice: 'Set GITHUB_TOKEN, or name one by --token-file or --secret.',
        },
      ];
    const source = new GitHubSource({
      http,
      ...credential,
      settings: defaultGitHubSettings,
      apiUrl: flags.apiUrl ?? secret?.apiUrl,
    });
    const { name, access, lacks } = await source.whoAmI();
    source.close();
    return [{ verdict: 'good', what: name }, ...rights(access, lacks)];
  } catch (error) {
    return [failed('the credential for GitHub does not work', error)];
  } finally {
    http.close();
  }
}

/** Which datasets of GitHub it cannot read, as far as it is told. */
function rights(access: string, lacks: ReadonlyMap<string, string>): Finding[] {
  if (access === 'unknown')
    return [
      {
        verdict: 'note',
        what: 'such a token does not list its permissions, so missing ones show only in a backup',
      },
    ];
  if (lacks.size === 0) return [{ verdict: 'good', what: 'it may read all datasets' }];
  return Array.from(lacks, ([dataset, why]): Finding => ({
    verdict: 'note',
    what: `${dataset} cannot be kept: ${why}`,
  }));
}

function failed(what: string, error: unknown): Finding {
  return {
    verdict: 'bad',
    what: `${what}: ${messageOf(error)}`,
    advice: error instanceof HoldfastError ? error.advice : undefined,
  };
}
