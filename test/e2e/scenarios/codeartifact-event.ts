import { expect } from 'chai';
import { toEventBridge } from '../../support/codeartifact/events.ts';
import { inLittleTime, publishSlowly } from '../little-time.ts';
import { addressOf, domain, libraries, snapshotsOf, untilKept } from '../packages.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

const group = { format: 'generic', namespace: 'com.example' } as const;
const tool = { ...group, package: 'event-tool' };
const huge = { ...group, package: 'huge' };

export const codeartifactEvent: Scenario = {
  name: 'codeartifact-event',
  async run(world) {
    const { codeartifact } = world;
    const assets = { 'a.bin': 'A', 'b.bin': 'B' };
    const version = codeartifact.addVersion(libraries(world), { ...tool, version: '1.0', assets });
    const sandbox = codeartifact.findDomain(domain).repositories.get('sandbox')!;
    codeartifact.addVersion(sandbox, { ...tool, version: '1.0', assets });
    await repeatEvents(world, 10);
    await untilKept(world, tool, '1.0', 'Published');
    // Whatever comes after it finds all that came before it done.
    codeartifact.addVersion(libraries(world), { ...tool, version: '1.1', assets });
    await untilKept(world, tool, '1.1', 'Published');
    expect(await snapshotsOf(world, tool, '1.0')).to.have.length(1);
    const { stdout } = await world.holdfast('list', 'codeartifact', '--json');
    expect(stdout).to.contain('event-tool').and.not.to.contain('sandbox');

    codeartifact.setStatus(version, 'Archived');
    await untilKept(world, tool, '1.0', 'Archived');
    codeartifact.deleteVersion(version);
    await untilKept(world, tool, '1.0', 'Deleted');
    const verified = await world.holdfast('verify', addressOf(tool, '1.0'));
    expect(verified.code, verified.stderr).to.equal(0);

    await inLittleTime(world, 'codeartifact-on-event', async () => {
      publishSlowly(world, huge, false);
      await untilKept(world, huge, '1.0', 'Published');
    });
    const told = (await world.aws.calls()).filter(({ operation }) => operation === 'StartBuild');
    expect(told.some(({ caller }) => caller.via === `lambda:${deployment}-codeartifact-on-event`)).to.equal(true);
  },
};

/** Events may come more than once, and out of order. */
async function repeatEvents({ codeartifact, aws }: World, times: number): Promise<void> {
  const tell = toEventBridge(aws);
  const all = codeartifact.events.toReversed();
  for (let time = 0; time < times; time++) for (const event of all) await tell(event);
}
