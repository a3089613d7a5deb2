import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { collect, events, holdfast, startHoldfast } from '../../support/command-line.ts';
import { answerWith, listen } from '../../support/http-listener.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const launcher = fileURLToPath(new URL('../../../scripts/cli/launch.mjs', import.meta.url));

describe('holdfast: signals', () => {
  const folder = useTemporaryFolders();
  let place: string;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'one'), { commits: 3 });
    const { code } = await holdfast(['backup', 'git', 'one'], { cwd: place });
    expect(code).to.equal(0);
  });

  /** A git that knows its version and otherwise never ends, as index-pack of a large repository seems to. */
  async function endlessGit(): Promise<{ PATH: string; begun: () => Promise<void> }> {
    const bin = await folder();
    const mark = path.join(bin, 'begun');
    const program = `#!/bin/sh\ncase "$*" in *--version*) echo git version 2.40.0; exit;; esac\n: > '${mark}'\nexec sleep 20\n`;
    await writeFile(path.join(bin, 'git'), program, { mode: 0o755 });
    return {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      begun: async () => {
        while (!existsSync(mark)) await sleep(50);
      },
    };
  }

  /** Stops a verb while it waits for git. */
  async function stopped(
    args: string[],
    signal: NodeJS.Signals,
    whole: boolean,
  ): Promise<{ code: number | null; stderr: string }> {
    const { PATH, begun } = await endlessGit();
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: place,
      env: { PATH, HOME: '/nonexistent' },
      // A group of its own, as a shell gives to what it runs: Ctrl-C goes to all of it.
      detached: true,
    });
    const output = collect(child);
    child.stdin.end();
    const ended = once(child, 'close') as Promise<[number | null]>;
    await begun();
    process.kill(whole ? -child.pid! : child.pid!, signal);
    const [code] = await ended;
    return { code, stderr: output().stderr };
  }

  for (const [name, signal, whole, code, by] of [
    ['Ctrl-C, which git hears as well', 'SIGINT', true, 130, 'Ctrl-C'],
    ['a SIGINT to Holdfast alone', 'SIGINT', false, 130, 'Ctrl-C'],
    ['SIGTERM', 'SIGTERM', false, 143, 'SIGTERM'],
    ['a SIGTERM to the whole group', 'SIGTERM', true, 143, 'SIGTERM'],
  ] as const) {
    it(`ends a restore by ${name} with ${code}, and says what is kept`, async () => {
      const ended = await stopped(['restore', 'one', '--to', `new-${signal}-${whole}`], signal, whole);
      expect(ended.stderr).to.equal(
        `error: stopped by ${by}\n  What was restored is kept in new-${signal}-${whole}.holdfast-partial. Run the same command again to continue.\n`,
      );
      expect(ended.code).to.equal(code);
    });

    it(`ends a drill by ${name} with ${code}`, async () => {
      const ended = await stopped(['drill', 'one'], signal, whole);
      expect(ended.stderr).to.equal(
        `error: stopped by ${by}\n  0 of 1 snapshot drilled; what was found is kept in the vault.\n`,
      );
      expect(ended.code).to.equal(code);
    });
  }

  const ofVault = [
    ['list'],
    ['show', 'x'],
    ['verify'],
    ['drill'],
    ['doctor'],
    ['prune', '--keep-last', '1'],
    ['status'],
    ['runs'],
    ['report', 'git'],
    ['stats'],
    ['ls', 'x'],
    ['cat', 'x', 'a.txt'],
    ['diff', 'x'],
    ['restore', 'x', '--to', './x'],
  ].map((args) => [...args, '--vault', 's3://bucket/prefix']);
  const ofDeployment = [
    ['run', 'github'],
    ['run', 'efs/home'],
    ['list', 'efs'],
    ['show', 'efs/home'],
    ['verify', 'efs/home'],
    ['restore', 'efs/home'],
    ['settings', 'show'],
    ['settings', 'set', 'BACKUP_FORKS', 'false'],
  ];
  for (const [index, args] of [...ofVault, ...ofDeployment].entries()) {
    // Each of both on its own is tried above.
    const [signal, expected, by] =
      index % 2 === 0 ? (['SIGINT', 130, 'Ctrl-C'] as const) : (['SIGTERM', 143, 'SIGTERM'] as const);
    it(`ends ${args.slice(0, 2).join(' ')} with ${expected} while AWS is silent`, async () => {
      let onAsked: () => void;
      const asked = new Promise<void>((resolve) => (onAsked = resolve));
      const silent = await listen(() => {
        onAsked();
        return Promise.resolve();
      });
      const child = startHoldfast(args, {
        cwd: place,
        env: {
          AWS_ENDPOINT_URL: silent.url,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
        },
      });
      const output = collect(child);
      await asked;
      child.stdin.end();
      child.kill(signal);
      const [code] = (await once(child, 'close')) as [number | null];
      await silent.close();
      expect(output().stderr).to.match(new RegExp(`^error: stopped by ${by}\n`));
      expect(code).to.equal(expected);
    });
  }

  for (const whole of [true, false])
    it(`ends a run of a configuration file and what it has started, by SIGTERM to ${whole ? 'all' : 'it alone'}`, async () => {
      const vault = `stopped-${String(whole)}`;
      const config = { vault, backup: [{ source: 'git', addresses: ['one'] }], drill: { all: true } };
      await writeFile(path.join(place, 'holdfast.json'), JSON.stringify(config));
      const { code, stderr } = await stopped(['run'], 'SIGTERM', whole);
      expect(stderr).to.match(
        /^error: stopped by SIGTERM\n {2}0 of 2 commands ended before\. Run .*again to go on\.$/m,
      );
      expect(code).to.equal(143);
      const { stdout } = await holdfast(['runs', '--json', '--vault', vault], { cwd: place });
      expect(events(stdout, 'runs').map(({ result }) => result)).to.deep.equal(['interrupted']);
    });

  it('ends the watching of a deployed run with 130, and says that the run goes on', async () => {
    const execution = 'arn:aws:states:eu-central-1:123456789012:execution:holdfast-github:1';
    const answers: Record<string, object> = {
      ListStateMachines: { stateMachines: [{ name: 'holdfast-github', stateMachineArn: 'arn', creationDate: 1 }] },
      StartExecution: { executionArn: execution, startDate: 1 },
      DescribeExecution: { status: 'RUNNING', executionArn: execution, startDate: 1 },
      ListMapRuns: { mapRuns: [] },
    };
    const aws = await listen((request, response) => {
      const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
      const headers = { 'content-type': 'application/x-amz-json-1.0' };
      answerWith(response, { status: 200, headers, body: JSON.stringify(answers[operation]) });
      if (operation === 'ListMapRuns') child.kill('SIGINT');
      return Promise.resolve();
    });
    const env = {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
    const child = startHoldfast(['run', 'github', '--json'], { cwd: place, env });
    const output = collect(child);
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number | null];
    await aws.close();
    expect(events(output().stdout, 'run')).to.deep.equal([
      {
        event: 'started',
        execution,
        console: `https://console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${execution}`,
      },
      {
        event: 'error',
        code: 'Interrupted',
        message: 'stopped by Ctrl-C',
        advice: 'The run continues in AWS; only the watching has ended.',
      },
    ]);
    expect(code).to.equal(130);
  });

  it('removes what a killed process left in the temporary folder, before it does anything else', async () => {
    const temporary = path.join(await folder(), 'tmp');
    await mkdir(temporary);
    const { PATH, begun } = await endlessGit();
    const child = startHoldfast(['drill', 'one'], { cwd: place, env: { TMPDIR: temporary, PATH } });
    await begun();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(temporary)).to.have.length(1);
    const { code } = await holdfast(['verify'], { cwd: place, env: { TMPDIR: temporary } });
    expect(code).to.equal(0);
    expect(await readdir(temporary)).to.deep.equal([]);
  });

  it('warns of no leak of listeners, however large what is sent to a folder', async () => {
    await createRepository(path.join(place, 'large'), { commits: 1, files: { 'data.bin': noise(6_000_000) } });
    await createRepository(path.join(place, 'target'), { commits: 0 });
    await holdfast(['backup', 'git', 'large'], { cwd: place });
    const { code, stderr } = await holdfast(['restore', 'large', '--to', `file://${place}/target`], { cwd: place });
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
  });
});

/** Text that does not compress away, the same each time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}
