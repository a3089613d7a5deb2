import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import * as v from 'valibot';
import { events } from '../../support/command-line.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

const drill = `${deployment}-github-drill`;

const recordSchema = v.object({
  snapshots: v.object({ intact: v.number(), damaged: v.number(), notDrilled: v.number() }),
  chain: v.object({ problems: v.array(v.object({ what: v.string(), key: v.string() })) }),
  damaged: v.array(v.object({ item: v.string(), snapshot: v.string() })),
});

export const drillSchedule: Scenario = {
  name: 'drill-schedule',
  async run(world) {
    const before = (await world.aws.notifications()).length;
    const { snapshots, chain } = await fireDrill(world);
    expect(snapshots).to.include({ damaged: 0, notDrilled: 0 });
    expect(snapshots.intact).to.be.above(2);
    expect(chain.problems).to.deep.equal([]);
    const [status] = events((await world.holdfast('status', 'github', '--json')).stdout);
    expect(status).to.include({ proven: status?.['items'] });
    expect((await world.aws.notifications()).slice(before)).to.deep.equal([]);
    const writers = (await world.aws.calls()).filter(
      ({ operation, resource, caller }) =>
        operation === 'PutObject' && /\/(checks|drills)\//.test(resource) && caller.role !== null,
    );
    expect([...new Set(writers.map(({ caller }) => caller.via))]).to.deep.equal([`lambda:${drill}`]);
  },
};

export const drillFindsDamage: Scenario = {
  name: 'drill-finds-damage',
  async run(world) {
    await world.fireSchedule();
    await changedMeanwhile(world, /^backups\/github\/acme\/website\/.*\.bundle$/, flipped, async (key) => {
      const { snapshots, damaged } = await fireDrill(world);
      expect(snapshots.damaged).to.be.above(0);
      expect(damaged.map(({ item }) => item)).to.include('github/acme/website/');
      expect(await lastMessage(world))
        .to.include('found DAMAGE')
        .and.include('github/acme/website')
        .and.include(key.slice(8));
      expect((await world.holdfast('status', 'github')).code).to.equal(4);
    });
    // What is called damaged is stored again, and the next drill proves that and what came back.
    expect((await world.fireSchedule()).status).to.equal('SUCCEEDED');
    expect((await fireDrill(world)).snapshots.damaged).to.equal(0);
  },
};

export const chainFindsRollback: Scenario = {
  name: 'chain-finds-rollback',
  async run(world) {
    expect((await world.fireSchedule()).status).to.equal('SUCCEEDED');
    await fireDrill(world);
    const root = /root ([0-9a-f]{64})/.exec((await world.holdfast('verify', 'github', '--chain')).stdout)?.[1] ?? '';
    const whole = await world.holdfast('verify', 'github', '--chain', '--root', root);
    expect(whole.code, whole.stdout).to.equal(0);
    for (const [what, pattern, change] of [
      ['missing', /^backups\/runs\/github\/.*\/report\.json$/, undefined],
      ['changed', /^backups\/runs\/github\/.*\/report\.json$/, flipped],
      ['missing', /^backups\/github\/acme\/website\/.*\/manifest\.json$/, undefined],
    ] as const)
      await changedMeanwhile(world, pattern, change, async (changed) => {
        const key = changed.slice('backups/'.length);
        const { chain } = await fireDrill(world);
        expect(chain.problems.map((problem) => problem.key)).to.include(key);
        expect(await lastMessage(world)).to.include('found DAMAGE');
        const { code, stdout } = await world.holdfast('verify', 'github', '--chain', '--root', root);
        expect(code, stdout).to.equal(4);
        if (what === 'missing') expect(stdout).to.include('missing');
      });
    expect((await fireDrill(world)).chain.problems).to.deep.equal([]);
  },
};

/** Fires the schedule of the drills, waits for the end, and gives the record that it left. */
export async function fireDrill(world: World): Promise<v.InferOutput<typeof recordSchema>> {
  const { status, said } = await world.fireSchedule(undefined, 'github-drill');
  expect(status, said).to.equal('SUCCEEDED');
  const [, key = ''] = /"report": ?"[^"]*(drills\/github\/[^"]+\.json)"/.exec(said) ?? [];
  return v.parse(recordSchema, await world.readVault(key));
}

async function lastMessage(world: World): Promise<string> {
  const { subject = '', message } = (await world.aws.notifications()).at(-1) ?? { message: '' };
  return `${subject}\n${message}`;
}

const flipped = (content: Uint8Array): Uint8Array => {
  const at = content.length - 30;
  return content.map((byte, index) => (index === at ? byte ^ 1 : byte));
};

/**
 * Changes or removes the newest object of a pattern as somebody does who may do all to the bucket, and brings it back.
 * @param change undefined: it is removed
 */
async function changedMeanwhile(
  world: World,
  pattern: RegExp,
  change: ((content: Uint8Array) => Uint8Array) | undefined,
  look: (key: string) => Promise<void>,
): Promise<void> {
  const s3 = new S3Client({ ...world.clientConfig, forcePathStyle: true });
  try {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: world.bucket, Prefix: 'backups/' }));
    const Key = Contents.map((one) => one.Key ?? '').findLast((key) => pattern.test(key)) ?? '';
    const place = { Bucket: world.bucket, Key };
    const { Body } = await s3.send(new GetObjectCommand(place));
    const content = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (change) await s3.send(new PutObjectCommand({ ...place, Body: change(content) }));
    else await s3.send(new DeleteObjectCommand(place));
    try {
      await look(Key);
    } finally {
      await s3.send(new PutObjectCommand({ ...place, Body: content }));
    }
  } finally {
    s3.destroy();
  }
}
