/**
 * One backup or restore in a process of its own, which is killed on the way: `<task as JSON> [<step> <moment>]`. The
 * steps are the calls that change the file system, counted from 0; without one it runs to its end and prints them.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { LocalTransport } from '#core/git/local-transport.ts';
import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Task } from './crashing-task.ts';

type Call = (this: unknown, ...args: unknown[]) => unknown;

const [taskText = '', step = '-1', moment] = process.argv.slice(2);
const task = JSON.parse(taskText) as Task;
const steps: string[] = [];

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Only what writes counts. */
function changes(name: string, args: unknown[]): boolean {
  return name !== 'open' || /[wax+]/.test(typeof args[1] === 'string' ? args[1] : 'r');
}

/** Calls that return a promise. */
function intercept(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as Call;
  Reflect.set(owner, name, async function (this: unknown, ...args: unknown[]) {
    if (!changes(name, args)) return original.apply(this, args);
    const here = steps.push(name) - 1 === Number(step);
    if (here && moment === 'before') die();
    if (here && moment === 'middle') {
      await original.apply(this, half(args));
      die();
    }
    try {
      return await original.apply(this, args);
    } finally {
      if (here && moment === 'after') die();
    }
  });
}

/** Calls that take a callback last. */
function interceptCallback(name: string): void {
  const original = Reflect.get(fs, name) as Call;
  Reflect.set(fs, name, function (this: unknown, ...args: unknown[]) {
    if (!changes(name, args)) return original.apply(this, args);
    const here = steps.push(name) - 1 === Number(step);
    if (here && moment === 'before') die();
    const callback = args.at(-1) as Call;
    const killing = (...results: unknown[]): unknown => {
      if (here && moment !== 'before') die();
      return callback(...results);
    };
    const rest = args.slice(0, -1);
    return original.call(this, ...(here && moment === 'middle' ? half(rest) : rest), killing);
  });
}

/**
 * The arguments of a write of half as many bytes: `(…, buffer, offset, length, position)`. The order of calls may
 * differ a little from run to run, so whatever else is called here is called as it is.
 */
function half(args: unknown[]): unknown[] {
  const at = args.findIndex((argument) => Buffer.isBuffer(argument));
  if (at < 0) return args;
  return args.map((argument, index) => (index === at + 2 ? Math.floor(Number(argument) / 2) : argument));
}

const handle = await fs.promises.open(process.execPath, 'r');
for (const name of ['write', 'sync']) intercept(Object.getPrototypeOf(handle) as object, name);
await handle.close();
for (const name of ['mkdir', 'open', 'writeFile', 'link', 'rename', 'rm', 'rmdir']) intercept(fs.promises, name);
for (const name of ['open', 'write']) interceptCallback(name);
syncBuiltinESMExports();

const vault = new FolderVault(task.vault);
if (task.action === 'backup') {
  await backUpRepository({
    item: task.item,
    transport: new LocalTransport(task.repository),
    vault,
    snapshot: task.snapshot,
    options: { ...defaultBackupOptions, heaviestChain: 1e6 },
  });
} else {
  const content = await repositoryContent(new Catalogue(vault), task.prefix, task.snapshot);
  const indexer = await chooseIndexer();
  await restoreToFolder(vault, content, { target: task.target, checkout: task.checkout, indexer });
  process.stderr.write(indexer);
}
process.stdout.write(JSON.stringify(steps));
