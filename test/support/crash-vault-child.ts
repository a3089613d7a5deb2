/**
 * Writes one object to a vault in a folder and is killed on the way. Arguments: the folder, the action, a file with the
 * content, and where to be killed: `<step> before|middle|after`. Steps are the calls that change the file system,
 * counted from 0. Without a place it runs to its end and prints their names.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { crashKey, type CrashAction } from './crash-vault.ts';

const [folder = '', action = '', contentFile = '', place = '-1', moment] = process.argv.slice(2);
const vault = new FolderVault(folder);
const content = await fs.readFile(contentFile);
const steps: string[] = [];

const actions: Record<CrashAction, () => Promise<unknown>> = {
  create: () => vault.create(crashKey, content),
  'create without hard links': () => vault.create(crashKey, content),
  write: async () => {
    const writer = vault.writer(crashKey);
    await writer.write(content);
    await writer.finish();
  },
  replace: () => vault.replace(crashKey, content),
};

type Call = (...args: unknown[]) => Promise<unknown>;

function intercept(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as Call;
  Reflect.set(owner, name, async function (this: unknown, ...args: unknown[]) {
    const here = steps.push(name) - 1 === Number(place);
    if (here && moment === 'before') await die();
    if (here && moment === 'middle') {
      await original.apply(this, halved(name, args));
      await die();
    }
    try {
      return await original.apply(this, args);
    } finally {
      if (here && moment === 'after') await die();
    }
  });
}

/** The arguments with which a call writes only half. */
function halved(name: string, args: unknown[]): unknown[] {
  if (name === 'writeFile') {
    const [file, whole, options] = args as [string, Buffer, object];
    return [file, whole.subarray(0, whole.length / 2), options];
  }
  const [block, offset, length, position] = args as [Buffer, number, number, number];
  return [block, offset, Math.floor(length / 2), position];
}

async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

if (action === 'create without hard links')
  Reflect.set(fs, 'link', () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' })));
const handle = await fs.open(contentFile, 'r');
for (const name of ['write', 'sync']) intercept(Object.getPrototypeOf(handle) as object, name);
await handle.close();
for (const name of ['mkdir', 'open', 'writeFile', 'link', 'rename', 'rm']) intercept(fs, name);
syncBuiltinESMExports();

await actions[action as CrashAction]();
process.stdout.write(JSON.stringify(steps));
