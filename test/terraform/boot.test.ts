import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as v from 'valibot';
import { resultSchema } from '#core/filesystems/task.ts';
import { useTemporaryFolders } from '../support/repositories.ts';

const script = fileURLToPath(new URL('../../terraform/modules/efs-file-system/boot.sh', import.meta.url));
const instance = fileURLToPath(new URL('../e2e/instance', import.meta.url));

const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
const missing = ['bash', 'sha256sum'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

const program = 'console.log("a task");\n';
const digest = createHash('sha256').update(program).digest('hex');

describe('the boot script of instances', () => {
  const folder = useTemporaryFolders();
  let place: string;
  const at = (...names: string[]): string => path.join(place, ...names);
  const text = (...names: string[]): Promise<string> => readFile(at(...names), 'utf8').catch(() => '');

  beforeEach(async function () {
    if (missing.length > 0) {
      this.currentTest!.title += ` (skipped: needs ${missing.join(', ')})`;
      this.skip();
    }
    place = await folder();
    await mkdir(at('bin'));
    await mkdir(at('bucket'));
    await writeFile(at('bucket', 'program'), program);
    for (const name of ['dnf', 'systemctl', 'shutdown']) await standIn(name, 'true');
    await standIn('aws', aws);
  });

  /** A program that notes its arguments in `calls`, one call a line, and does what the script says. */
  async function standIn(name: string, does: string): Promise<void> {
    await writeFile(at('bin', name), `#!/usr/bin/env bash\necho "${name} $*" >> '${at('calls')}'\n${does}\n`);
    await chmod(at('bin', name), 0o755);
  }

  /** Answers as the commands of AWS do: the program, the lock, the item, and a folder in place of the log bucket. */
  const aws = `
case "$*" in
*s3://artifacts/*) cp bucket/program "\${@: -1}" ;;
*lock#*) echo backup-1 ;;
*Task.M.action.S*) echo restore ;;
*Task.M.nonce.S*) echo 0123456789abcdef0123456789abcdef ;;
's3 cp --only-show-errors - '*) cat > "bucket/$(basename "\${@: -1}")" ;;
's3 cp '*) cp "$4" "bucket/$(basename "\${@: -1}")" ;;
'events put-events '*) echo 0 ;;
*) exit 1 ;;
esac`;

  function boot(env: Record<string, string> = {}): number | null {
    const { status, error } = spawnSync('bash', [script], {
      cwd: place,
      env: {
        PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
        HOLDFAST_ROOT: place,
        HOLDFAST_PAUSE: '0',
        AWS_REGION: 'eu-central-1',
        HOLDFAST_EFS_TABLE: 'table',
        HOLDFAST_EFS_GROUP: 'group',
        HOLDFAST_EFS_LOGS: 'logs',
        HOLDFAST_LOG_GROUP: '/aws/ec2/group',
        HOLDFAST_NODE: '22',
        HOLDFAST_PROGRAM: 's3://artifacts/holdfast-0123.mjs',
        HOLDFAST_PROGRAM_SHA256: digest,
        ...env,
      },
    });
    if (error) throw error;
    return status;
  }

  it(`has nothing that shellcheck warns of${hasShellcheck ? '' : ' (skipped: needs shellcheck)'}`, async function () {
    if (!hasShellcheck) this.skip();
    const tools = (await readdir(instance))
      .filter((name) => !name.includes('.'))
      .map((name) => path.join(instance, name));
    const { status, stdout } = spawnSync('shellcheck', ['--shell=bash', script, ...tools], { encoding: 'utf8' });
    expect(status, stdout).to.equal(0);
  });

  it('installs what is needed, and runs the program that was deployed', async () => {
    expect(boot(), await text('var/log/holdfast-boot.log')).to.equal(0);
    const calls = await text('calls');
    expect(calls).to.match(/dnf .* install .*amazon-efs-utils.* nodejs22\n/);
    expect(await text('opt/holdfast/holdfast.mjs')).to.equal(program);
    const unit = await text('etc/systemd/system/holdfast-efs.service');
    expect(unit).to.include(`ExecStart=/usr/bin/node-22 ${place}/opt/holdfast/holdfast.mjs efs-task\n`);
    for (const line of [
      'AWS_REGION=eu-central-1',
      'HOLDFAST_EFS_TABLE=table',
      'HOLDFAST_EFS_GROUP=group',
      'HOLDFAST_EFS_LOGS=logs',
    ])
      expect(unit).to.include(`Environment="${line}"\n`);
    expect(unit).to.not.include('proxy');
    expect(calls.trim().split('\n').at(-1)).to.equal('systemctl start holdfast-efs');
  });

  it('runs no program but the one that was deployed, and says so', async () => {
    await writeFile(at('bucket', 'program'), `${program}// and more\n`);
    expect(boot()).to.equal(1);
    expect(await text('calls')).to.not.include('start holdfast-efs');
    const result = v.parse(resultSchema, JSON.parse(await text('bucket/result.json')));
    const nonce = '0123456789abcdef0123456789abcdef';
    expect(result).to.deep.include({ id: 'backup-1', nonce, action: 'restore', status: 'failed' });
    expect(await text('calls')).to.include(' s3://logs/efs/results/group/backup-1/result.json\n');
    expect(result.problem).to.include({
      code: 'StartFailed',
      message: 'the instance could not be prepared: recognising the program by its digest failed',
    });
    expect(await text('bucket/boot.log')).to.include('FAILED');
    const told = (await text('calls')).trim().split('\n').at(-1) ?? '';
    const [entry] = JSON.parse(told.slice(told.indexOf('['))) as [Record<string, string>];
    expect(entry).to.include({ Source: 'holdfast.efs', DetailType: 'EFS Task Finished' });
    expect(JSON.parse(entry['Detail'] ?? '')).to.deep.equal({ id: 'backup-1', nonce });
  });

  it('tries again what a network may refuse', async () => {
    await standIn('dnf', `[ -e '${at('second')}' ] || { touch '${at('second')}'; exit 1; }`);
    expect(boot()).to.equal(0);
    expect((await text('calls')).match(/^dnf /gm)).to.have.length(2);
  });

  it('gives up where packages are not available', async () => {
    await standIn('dnf', 'exit 1');
    expect(boot()).to.equal(1);
    expect((await text('calls')).match(/^dnf /gm)).to.have.length(3);
    expect(await text('bucket/result.json')).to.include('installing packages failed');
    expect(await text('calls')).to.not.include('shutdown');
  });

  it('ends the machine where it cannot say what is wrong', async () => {
    await standIn('aws', 'exit 1');
    expect(boot()).to.equal(1);
    expect((await text('calls')).trim().split('\n').at(-1)).to.equal('shutdown -h now');
  });

  it('ends the machine where no task has the group', async () => {
    await writeFile(at('bucket', 'program'), 'another');
    await standIn('aws', `case "$*" in *lock#*) echo None ;; *)${aws}\n;; esac`);
    expect(boot()).to.equal(1);
    expect((await text('calls')).trim().split('\n').at(-1)).to.equal('shutdown -h now');
    expect(await text('bucket/result.json')).to.equal('');
  });

  it('goes by a proxy and other DNS servers where it is told to', async () => {
    const proxy = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost,169.254.169.254' };
    expect(boot({ ...proxy, HOLDFAST_DNS: '10.0.0.53 10.0.1.53' })).to.equal(0);
    expect(await text('etc/dnf/dnf.conf')).to.equal('proxy=http://proxy:3128\n');
    const unit = await text('etc/systemd/system/holdfast-efs.service');
    const agent = await text('etc/systemd/system/amazon-ssm-agent.service.d/proxy.conf');
    for (const file of [unit, agent]) {
      expect(file).to.include('Environment="https_proxy=http://proxy:3128"\n');
      expect(file).to.include('Environment="no_proxy=localhost,169.254.169.254"\n');
    }
    expect(await text('etc/systemd/resolved.conf.d/holdfast.conf')).to.include('DNS=10.0.0.53 10.0.1.53\n');
    expect(await text('calls')).to.include('systemctl restart systemd-resolved\n');
  });
});
