import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { everything, listed, runRsync } from '#core/filesystems/rsync.ts';
import { hasCode } from '#core/runtime/errors.ts';
import { useFakeRsync } from './fake-rsync.ts';
import { describeCopies } from './needs.ts';
import { useWorld } from './world.ts';

describeCopies('rsync', () => {
  const world = useWorld();
  const fake = useFakeRsync();
  const signal = new AbortController().signal;
  const replace = (words: string): void => fake.replace(world().folder, words);

  async function failure(): Promise<{ code?: string; message?: string }> {
    try {
      await runRsync({ options: [...everything], from: world().source, to: world().target, signal });
    } catch (error) {
      if (hasCode(error, 'CopyFailed', 'ToolMissing', 'Interrupted')) return error;
      throw error;
    }
    return {};
  }

  for (const code of [1, 11, 12, 20, 23, 25, 30, 255])
    it(`fails loud with its own words on exit code ${code}`, async () => {
      replace(`echo "rsync: words of its own" >&2; exit ${code}`);
      const { code: ours, message } = await failure();
      expect(ours).to.equal('CopyFailed');
      expect(message).to.contain(`failed with ${code}`).and.to.contain('words of its own');
    });

  it('fails when it is killed', async () => {
    replace('kill -9 $$');
    expect((await failure()).message).to.contain('SIGKILL');
  });

  it('is no failure on exit code 24', async () => {
    replace('echo "Number of regular files transferred: 1,234"; exit 24');
    const result = await runRsync({ options: [], from: world().source, to: world().target, signal });
    expect(result).to.include({ code: 24, files: 1234 });
  });

  it('is missed by name where there is none', async () => {
    process.env['PATH'] = '/nonexistent';
    expect((await failure()).code).to.equal('ToolMissing');
  });

  it('stops when it is told to', async () => {
    replace('exec sleep 60');
    const stop = new AbortController();
    const running = runRsync({ options: [], from: world().source, to: world().target, signal: stop.signal });
    stop.abort();
    const error: unknown = await running.catch((problem: unknown) => problem);
    expect(hasCode(error, 'Interrupted')).to.equal(true);
  });

  it('copies what is listed and nothing else, and passes over what has vanished', async () => {
    const { source, target } = world();
    for (const name of ['one', 'two']) writeFileSync(join(source, name), name);
    const lists = [Buffer.from('one\0gone\0')];
    const result = await runRsync({ options: [...everything, ...listed], from: source, to: target, lists, signal });
    expect(result).to.include({ code: 0, files: 1, bytes: 3 });
  });

  it('that fails on one of many files makes no snapshot, and the next run goes on', async () => {
    const { source, backUp, snapshots } = world();
    for (let number = 0; number < 20; number++) writeFileSync(join(source, `file-${number}`), 'content');
    replace('real "$@"; exit 23');
    const { result } = await backUp();
    expect(result.status).to.equal('failed');
    expect(result.problem?.code).to.equal('CopyFailed');
    expect(await snapshots()).to.deep.equal([]);
    fake.putBack();
    const again = await backUp();
    expect(again.result.status).to.equal('success');
    expect(again.result.statistics, 'what was copied is not copied again').to.include({
      files: 20,
      filesTransferred: 0,
    });
  });

  it('that says nothing and leaves a file out makes no snapshot', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    replace('exit 0');
    const { result } = await backUp();
    expect(result.problem?.message).to.contain('file');
    expect(await snapshots()).to.deep.equal([]);
  });

  it('notes what vanished while it was copied', async () => {
    const { source, backUp } = world();
    for (const name of ['stays', 'vanishes\n']) writeFileSync(join(source, name), name);
    replace(`rm -f '${source}/vanishes\n'; real "$@"`);
    const { result, manifest } = await backUp();
    expect(result).to.include({ status: 'success', vanished: 1 });
    expect(manifest?.vanished).to.deep.equal({ count: 1, names: ['vanishes\\x0a'] });
    expect(manifest?.statistics.files).to.equal(1);
  });
});
