import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HoldfastError } from '#core/runtime/errors.ts';
import { clearScratch, withScratchFolder } from '#core/runtime/scratch.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';

describe('a scratch folder', () => {
  const folder = useTemporaryFolders();
  const tmpdir = process.env['TMPDIR'];
  let parent: string;

  beforeEach(async () => {
    parent = await folder();
    process.env['TMPDIR'] = parent;
  });

  afterEach(() => {
    if (tmpdir === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = tmpdir;
  });

  async function fill(path: string): Promise<void> {
    await mkdir(join(path, 'deep/down'), { recursive: true });
    await writeFile(join(path, 'deep/down/file'), 'content', { mode: 0o400 });
  }

  it('is for its owner alone, says whose it is, and is gone when the task has ended', async () => {
    const used = await withScratchFolder('drill', async (path) => {
      await fill(path);
      expect((await stat(path)).mode & 0o777).to.equal(0o700);
      expect(path).to.match(/\/holdfast-drill-\d+-[\w.-]+-\w{6}$/);
      return path;
    });
    expect(used.startsWith(parent)).to.equal(true);
    expect(await readdir(parent)).to.deep.equal([]);
  });

  it('is gone when the task has failed, and the error is that of the task', async () => {
    const error = new Error('no');
    const thrown: unknown = await withScratchFolder('drill', async (path) => {
      await fill(path);
      throw error;
    }).catch((reason: unknown) => reason);
    expect(thrown).to.equal(error);
    expect(await readdir(parent)).to.deep.equal([]);
  });

  it('gives each of many tasks its own, and leaves no listener behind', async () => {
    const before = process.listenerCount('exit');
    const paths = await Promise.all(
      Array.from({ length: 30 }, () =>
        withScratchFolder('drill', async (path) => {
          await fill(path);
          return path;
        }),
      ),
    );
    expect(new Set(paths).size).to.equal(30);
    expect(process.listenerCount('exit')).to.equal(before);
    expect(await readdir(parent)).to.deep.equal([]);
  });

  it('is gone when the process exits in the middle of a task, be it by an error that nobody caught', async () => {
    for (const end of ['process.exit(3)', 'setImmediate(() => { throw new Error("unexpected") })']) {
      const script = `
        import { writeFileSync } from 'node:fs';
        const { withScratchFolder } = await import('#core/runtime/scratch.ts');
        void withScratchFolder('drill', async (path) => {
          writeFileSync(path + '/file', '');
          process.stdout.write('made');
          ${end};
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        });`;
      const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      child.stdout.on('data', (text: Buffer) => (output += text.toString()));
      const [code] = (await once(child, 'close')) as [number];
      expect(output).to.equal('made');
      expect(code).to.be.greaterThan(0);
      expect((await readdir(parent)).filter((name) => name.startsWith('holdfast-'))).to.deep.equal([]);
    }
  });

  it('says where there is no room, and what to do about it', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const error: unknown = await withScratchFolder('drill', () => Promise.reject(full)).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(HoldfastError).and.to.include({ code: 'StorageFailed', cause: full });
    expect((error as HoldfastError).message).to.include(parent);
    expect((error as HoldfastError).advice).to.include('TMPDIR');

    process.env['TMPDIR'] = join(parent, 'missing');
    const missing: unknown = await withScratchFolder('drill', () => Promise.resolve()).catch((e: unknown) => e);
    expect(missing).to.be.instanceOf(HoldfastError).and.to.include({ code: 'StorageFailed' });
  });

  it('is removed by a later process where its own is no more, and never under one that is at work', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const left = `holdfast-drill-${dead.pid ?? 0}-abcdef`;
    const others = [`holdfast-drill-${child.pid ?? 0}-abcdef`, 'holdfast-e2e-abcdef', 'something-else'];
    for (const name of [left, ...others]) await fill(join(parent, name));
    await withScratchFolder('drill', async (ours) => {
      await clearScratch();
      expect(await readdir(parent)).to.have.members([...others, basename(ours)]);
    });
    child.kill();
  });
});
