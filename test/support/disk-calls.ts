/** Records what a program does to make files last, in order; for tests on Linux, where a descriptor tells its path. */
import { readlinkSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

export interface DiskCall {
  /** `sync` of a file or folder, or a name that is given to a file. */
  what: 'sync' | 'name';
  path: string;
}

/** Gives what was called while the task ran. */
export async function recordDiskCalls(task: () => Promise<unknown>): Promise<DiskCall[]> {
  const calls: DiskCall[] = [];
  const handle = await fs.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as Pick<FileHandle, 'sync' | 'datasync'>;
  await handle.close();
  const { sync, datasync } = prototype;
  const { link, rename } = fs;
  // Once it has returned; until then nothing lasts.
  const recorded = (original: typeof sync) =>
    async function (this: FileHandle): Promise<void> {
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      await original.call(this);
      calls.push({ what: 'sync', path });
    };
  const naming =
    (original: typeof link): typeof link =>
    async (from, to) => {
      await original(from, to);
      calls.push({ what: 'name', path: String(to) });
    };
  Object.assign(prototype, { sync: recorded(sync), datasync: recorded(datasync) });
  Object.assign(fs, { link: naming(link), rename: naming(rename) });
  syncBuiltinESMExports();
  try {
    await task();
  } finally {
    Object.assign(prototype, { sync, datasync });
    Object.assign(fs, { link, rename });
    syncBuiltinESMExports();
  }
  return calls;
}
