import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { lockTarget } from '../../../../scripts/cli/restore-all/lock.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../layers/core/sources/github/stage.ts';

describe('the lock of a target that is being restored', () => {
  const folder = useTemporaryFolders();

  async function held(place: string, holder: object): Promise<void> {
    const unlock = await lockTarget(place, 'github:acme');
    const [file = ''] = await readdir(place);
    await unlock();
    await writeFile(path.join(place, file), JSON.stringify(holder));
  }

  it('is held by one restore at a time, whatever the case of the name, and free afterwards', async () => {
    const place = await folder();
    const unlock = await lockTarget(place, 'github:acme');
    const failure = await failureOf(lockTarget(place, 'github:ACME'));
    expect(failure.code).to.equal('Busy');
    expect(failure.message).to.include(`process ${process.pid} on ${hostname()}`);
    await (
      await lockTarget(place, 'github:other')
    )();
    await unlock();
    await (
      await lockTarget(place, 'github:acme')
    )();
    expect(await readdir(place)).to.deep.equal([]);
  });

  it('is taken over from a process that has ended, by one of many who try', async () => {
    const place = await folder();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await held(place, { pid, host: hostname(), started: new Date().toISOString() });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockTarget(place, 'github:acme')));
    expect(tries.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(await readdir(place)).to.have.length(1);
  });

  it('is left to another machine, of which it is not known whether it runs', async () => {
    const place = await folder();
    await held(place, { pid: 1, host: 'elsewhere', started: new Date().toISOString() });
    const failure = await failureOf(lockTarget(place, 'github:acme'));
    expect([failure.code, failure.advice]).to.satisfy(
      ([code, advice]: string[]) => code === 'Busy' && /delete .*\.lock/.test(advice ?? ''),
    );
  });
});
