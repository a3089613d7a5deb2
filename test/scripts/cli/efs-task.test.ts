import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { resultKey, type TaskResult } from '#core/filesystems/task.ts';
import { describeCopies } from '../../layers/core/filesystems/needs.ts';
import { ids, taskOf, useWorld, type World } from '../../layers/core/filesystems/world.ts';
import { requestAws } from '../../support/aws/api.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { collect, holdfast, startHoldfast } from '../../support/command-line.ts';

const bucket = 'holdfast-efs-logs';
const group = 'holdfast-efs-files';
const nonce = '0123456789abcdef0123456789abcdef';

describeCopies('what runs on an instance for EFS', () => {
  describeWithAws('with AWS', (aws) => {
    const world = useWorld();
    before(() => aws.call('s3', `PUT /${bucket}`));

    /** The system says, beside what is so, that two file systems are mounted. */
    function environment({ folder, source, vault }: World, mounted = true): Record<string, string> {
      const line = (place: string, id: string): string =>
        `36 21 0:40 / ${place} rw - nfs4 ${id}.efs.us-east-1.amazonaws.com:/ rw\n`;
      writeFileSync(join(folder, 'mountinfo'), mounted ? line(source, ids.source) + line(vault, ids.vault) : '');
      return {
        ...aws.server().environment,
        NODE_OPTIONS: `--import=${new URL('../../e2e/instance/mounts.mjs', import.meta.url).href}`,
        HOLDFAST_EFS_LOGS: bucket,
        HOLDFAST_EFS_FOLDER: folder,
        HOLDFAST_EFS_GROUP: group,
        HOLDFAST_EFS_TASK: JSON.stringify({ ...taskOf(1), nonce }),
      };
    }

    async function stored(key: string): Promise<string> {
      return (await requestAws(aws.server().endpoint, 's3', `GET /${bucket}/${key}`, {})).text;
    }

    async function resultOf(id: string): Promise<TaskResult> {
      return JSON.parse(await stored(resultKey(group, id))) as TaskResult;
    }

    it('makes the snapshot, and stores the result, the manifest and the log', async () => {
      const { source, folder } = world();
      writeFileSync(join(source, 'file'), 'content');
      const { code, stdout } = await holdfast(['efs-task'], { cwd: folder, env: environment(world()) });
      expect(code, stdout).to.equal(0);
      const { id, snapshot } = taskOf(1);
      expect(await resultOf(id)).to.deep.include({ id, nonce, status: 'success', snapshot, warnings: [] });
      expect(await stored(`efs/results/${group}/${id}/log.txt`)).to.contain('copy is done');
      const copy = JSON.parse(await stored(`efs/snapshots/${ids.source}/efs-backup/daily/${snapshot}.json`)) as object;
      expect(copy).to.deep.include({ source: ids.source, snapshot });
      const told = (await aws.server().calls()).filter(({ operation }) => operation === 'PutEvents');
      expect(told).to.have.length.at.least(1);
    });

    it('removes the copies of manifests whose snapshots are gone', async () => {
      const { source, folder } = world();
      writeFileSync(join(source, 'file'), 'content');
      for (const number of [1, 2]) {
        const env = { ...environment(world()), HOLDFAST_EFS_TASK: JSON.stringify({ ...taskOf(number), retain: 1 }) };
        expect((await holdfast(['efs-task'], { cwd: folder, env })).code).to.equal(0);
      }
      const place = (number: number): string =>
        `efs/snapshots/${ids.source}/efs-backup/daily/${taskOf(number).snapshot}.json`;
      expect(await stored(place(2))).to.contain(taskOf(2).snapshot);
      expect(await stored(place(1)).catch(String)).to.contain('NoSuchKey');
    });

    it('says what went wrong where nothing could be mounted', async () => {
      const { folder } = world();
      const { code } = await holdfast(['efs-task'], { cwd: folder, env: environment(world(), false) });
      expect(code).to.equal(1);
      const { status, problem } = await resultOf(taskOf(1).id);
      expect(status).to.equal('failed');
      expect(problem?.code).to.equal('MountFailed');
    });

    it('stops on SIGTERM, and says that it did', async () => {
      const { source, folder, series } = world();
      // rsync is not to be done before the signal comes.
      mkdirSync(join(folder, 'bin'));
      writeFileSync(join(folder, 'bin/rsync'), '#!/bin/sh\n[ "$1" = --version ] || exec sleep 600\n', { mode: 0o755 });
      writeFileSync(join(source, 'file'), 'content');
      const PATH = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
      const child = startHoldfast(['efs-task'], { cwd: folder, env: { ...environment(world()), PATH } });
      const output = collect(child);
      const begun = (): boolean => existsSync(series) && readdirSync(series).some((name) => name.startsWith('.inc'));
      while (!begun()) {
        if (child.exitCode !== null) throw new Error(JSON.stringify(output()));
        await pause(20);
      }
      child.kill('SIGTERM');
      await once(child, 'close');
      expect(child.exitCode).to.equal(3);
      const { status, problem } = await resultOf(taskOf(1).id);
      expect(status).to.equal('incomplete');
      expect(problem?.code).to.equal('Interrupted');
    });

    it('refuses a task that is none', async () => {
      const env = { ...environment(world()), HOLDFAST_EFS_TASK: '{"format":1,"action":"backup"}' };
      const { code, stderr } = await holdfast(['efs-task'], { cwd: world().folder, env });
      expect(code).to.equal(2);
      expect(stderr).to.contain('HOLDFAST_EFS_TASK');
    });
  });
});
