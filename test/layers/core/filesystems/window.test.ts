import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stopMarginMs } from '#core/filesystems/window.ts';
import { describeTree, differences } from './describe-tree.ts';
import { useFakeRsync } from './fake-rsync.ts';
import { describeCopies } from './needs.ts';
import { useWorld } from './world.ts';

describeCopies('a window that ends', () => {
  const world = useWorld();
  const fake = useFakeRsync();

  it('stops the copy, whose next run goes on from what is there', async () => {
    const { folder, source, backUp, series, tree, snapshots } = world();
    for (let number = 0; number < 50; number++) writeFileSync(join(source, `file-${number}`), `content ${number}`);
    fake.replace(folder, 'exec sleep 600');
    const { result } = await backUp({ windowEnds: new Date(Date.now() + stopMarginMs + 1000).toISOString() });
    expect(result.status).to.equal('incomplete');
    expect(result.problem?.code).to.equal('Interrupted');
    expect(result.problem?.message).to.contain('window');
    expect(result.stages.at(-1)).to.include({ name: 'copy' }).and.not.to.have.property('finished');
    expect(await snapshots()).to.deep.equal([]);
    fake.putBack();
    expect((await backUp()).result.status).to.equal('success');
    expect(differences(describeTree(source), describeTree(await tree()))).to.deep.equal([]);
    expect(readdirSync(series).filter((name) => name.startsWith('.'))).to.deep.equal([]);
  });

  it('lets nothing begin that could not end', async () => {
    const { source, vault, backUp } = world();
    writeFileSync(join(source, 'file'), 'content');
    const { result } = await backUp({ windowEnds: new Date(Date.now() + stopMarginMs / 2).toISOString() });
    expect(result.status).to.equal('incomplete');
    expect(readdirSync(vault)).not.to.include('efs-backup');
  });

  it('keeps what was copied, so that it is not copied again', async () => {
    const { source, backUp, series } = world();
    for (let number = 0; number < 3000; number++) writeFileSync(join(source, `file-${number}`), `content ${number}`);
    const stop = new AbortController();
    const running = backUp({}, stop.signal);
    const copied = (): number =>
      readdirSync(series)
        .filter((name) => name.startsWith('.incomplete'))
        .flatMap((name) => readdirSync(join(series, name)).map((inner) => join(series, name, inner)))
        .filter((place) => place.endsWith('tree'))
        .reduce((sum, place) => sum + readdirSync(place).filter((name) => name.startsWith('file-')).length, 0);
    const look = (): number => {
      try {
        return copied();
      } catch {
        return 0;
      }
    };
    while (look() < 500) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await running).result.status).to.equal('incomplete');
    const kept = look();
    const { result } = await backUp();
    expect(result.statistics?.filesTransferred).to.equal(3000 - kept);
  });
});
