import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { ids, taskOf } from '../../layers/core/filesystems/world.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { startProxy, type Proxy, type ProxyOptions } from '../../support/proxy.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const region = 'eu-central-1';
const recorder = new URL('../../support/record-connections.mjs', import.meta.url).href;

const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };

interface Proxied extends CommandLineResult {
  /** Where connections went other than to the proxy. */
  past: string[];
}

describe('behind a proxy', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let proxy: Proxy | undefined;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'app.git'), { commits: 1 });
    const { code } = await holdfast(['backup', 'git', 'app.git', '--vault', 'local'], { cwd: place });
    expect(code).to.equal(0);
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  async function through(args: string[], options: ProxyOptions, env: Record<string, string> = keys): Promise<Proxied> {
    proxy = await startProxy(options);
    const record = path.join(await folder(), 'connections');
    await writeFile(record, '');
    const result = await holdfast(args, {
      cwd: place,
      env: {
        https_proxy: proxy.url.replace('//', '//worker:Canary5ecret@'),
        http_proxy: proxy.url.replace('//', '//worker:Canary5ecret@'),
        AWS_REGION: region,
        AWS_EC2_METADATA_DISABLED: 'true',
        NODE_OPTIONS: `--import=${recorder}`,
        RECORD_CONNECTIONS: record,
        ...env,
      },
    });
    const own = new URL(proxy.url).host;
    const connections = (await readFile(record, 'utf8')).split('\n').filter(Boolean);
    return { ...result, past: connections.filter((one) => one !== own) };
  }

  /** The vault of a command, or where a command finds AWS, and the hosts that it asks for. */
  const s3 = ['--vault', 's3://acme-backups/all'];
  const bucket = `acme-backups.s3.${region}.amazonaws.com`;
  const commands: [args: string[], ...hosts: string[]][] = [
    [['list', ...s3], bucket],
    [['show', 'git/x', ...s3], bucket],
    [['verify', ...s3], bucket],
    [['drill', ...s3], bucket],
    [['restore', 'git/x', '--to', 'out', ...s3], bucket],
    [['prune', '--keep-last', '1', ...s3], bucket],
    [['backup', 'git', 'app.git', ...s3], bucket],
    [['doctor', ...s3], bucket],
    [['doctor', '--secret', 'acme/github', '--vault', 'local'], `secretsmanager.${region}.amazonaws.com`],
    [['backup', 'github', 'acme', '--secret', 'acme/github'], `secretsmanager.${region}.amazonaws.com`],
    [['backup', 'codecommit', '--vault', 'local'], `codecommit.${region}.amazonaws.com`],
    [
      ['backup', 'codecommit', '--role', 'arn:aws:iam::123456789012:role/reader', '--vault', 'local'],
      `sts.${region}.amazonaws.com`,
    ],
    [['backup', 'codeartifact', '--vault', 'local'], `codeartifact.${region}.amazonaws.com`],
    [
      ['copy', 'app.git', '--to', `codecommit::${region}://app`],
      `git-codecommit.${region}.amazonaws.com`,
      `codecommit.${region}.amazonaws.com`,
    ],
    [['run', 'github'], `states.${region}.amazonaws.com`],
    [['run', 'efs/home'], `lambda.${region}.amazonaws.com`],
    [['list', 'efs'], `lambda.${region}.amazonaws.com`],
    [['show', 'efs/home'], `lambda.${region}.amazonaws.com`],
    [['verify', 'efs/home'], `lambda.${region}.amazonaws.com`],
    [['restore', 'efs/home'], `lambda.${region}.amazonaws.com`],
  ];
  for (const [args, ...hosts] of commands)
    it(`nothing of holdfast ${args.join(' ')} goes past it, and its password is not repeated`, async () => {
      const { code, stdout, stderr, past } = await through([...args, '--debug'], { refuse: 403, repeats: true });
      expect(code, stderr).not.to.equal(0);
      expect(past).to.deep.equal([]);
      expect([...new Set(proxy!.asked)], stdout + stderr).to.deep.equal(hosts.map((host) => `CONNECT ${host}:443`));
      expect(stdout + stderr).to.match(/the proxy http:\/\/127\.0\.0\.1:\d+ answers 403 for/);
      for (const form of ['Canary5ecret', Buffer.from('worker:Canary5ecret').toString('base64')])
        expect(stdout + stderr).not.to.include(form);
    });

  it('what it repeats of a login is printed nowhere, and stored nowhere', async () => {
    for (const [at, protocol] of ['http', 'https'].entries()) {
      const args = ['backup', 'git', `${protocol}://git.invalid/a.git`, '--vault', `echo-${at}`];
      for (const format of ['--debug', '--json']) {
        const { code, stdout, stderr } = await through([...args, format], { refuse: 407, repeats: true });
        expect(code).to.equal(1);
        expect(stdout + stderr).to.include('407');
        const vault = path.join(place, `echo-${at}`);
        const entries = await readdir(vault, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile());
        expect(files).to.not.be.empty;
        const stored = await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')));
        for (const form of ['Canary5ecret', Buffer.from('worker:Canary5ecret').toString('base64')])
          expect(stdout + stderr + stored.join('\n')).to.not.include(form);
        await proxy?.close();
      }
    }
  });

  const taskSettings = { HOLDFAST_EFS_TABLE: 't', HOLDFAST_EFS_GROUP: 'g', HOLDFAST_EFS_LOGS: 'logs' };
  it('nothing of what runs on an instance for EFS goes past it', async () => {
    const { code, past } = await through(['efs-task'], { refuse: 403 }, { ...keys, ...taskSettings });
    expect(code).to.equal(1);
    expect(past).to.deep.equal([]);
    expect([...new Set(proxy!.asked)]).to.deep.equal([`CONNECT dynamodb.${region}.amazonaws.com:443`]);
  });

  it('the hosts of no_proxy are reached without it', async () => {
    const env = { ...keys, no_proxy: '127.0.0.0/8', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const { past } = await through(['list', ...s3], { refuse: 403 }, env);
    expect(proxy!.asked).to.deep.equal([]);
    expect([...new Set(past)]).to.deep.equal(['127.0.0.1:9']);
  });

  it('single sign-on and roles of a profile are asked through it', async () => {
    const home = await folder();
    await mkdir(path.join(home, '.aws/sso/cache'), { recursive: true });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    // The SHA-1 of the start URL names the file.
    await writeFile(
      path.join(home, '.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json'),
      JSON.stringify({ accessToken: 'token', expiresAt }),
    );
    // The SHA-1 of the session's name; the token is over, and can be renewed.
    await writeFile(
      path.join(home, '.aws/sso/cache/71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json'),
      JSON.stringify({
        accessToken: 'token',
        expiresAt: new Date(Date.now() - 60_000).toISOString(),
        clientId: 'client',
        clientSecret: 'secret of the client',
        registrationExpiresAt: expiresAt,
        refreshToken: 'refresh',
      }),
    );
    await writeFile(
      path.join(home, '.aws/config'),
      [
        '[sso-session company]',
        'sso_start_url = https://example.awsapps.com/start',
        `sso_region = ${region}`,
        '[profile session]',
        'sso_session = company',
        'sso_account_id = 123456789012',
        'sso_role_name = reader',
        '[profile sso]',
        'sso_start_url = https://example.awsapps.com/start',
        `sso_region = ${region}`,
        'sso_account_id = 123456789012',
        'sso_role_name = reader',
        '[profile role]',
        'role_arn = arn:aws:iam::123456789012:role/reader',
        'source_profile = keys',
        '[profile keys]',
        'aws_access_key_id = AKIAEXAMPLE',
        'aws_secret_access_key = example',
      ].join('\n'),
    );
    for (const [profile, host] of [
      ['sso', `portal.sso.${region}.amazonaws.com`],
      // Where a session is renewed.
      ['session', `oidc.${region}.amazonaws.com`],
      ['role', `sts.${region}.amazonaws.com`],
    ] as const) {
      const { past, stderr } = await through(['list', ...s3], { refuse: 403 }, { HOME: home, AWS_PROFILE: profile });
      expect(past).to.deep.equal([]);
      expect([...new Set(proxy!.asked)], stderr).to.deep.equal([`CONNECT ${host}:443`]);
      await proxy?.close();
    }
  });

  it("an instance's own metadata is never asked through it", async () => {
    const { past } = await through(['list', ...s3], { refuse: 403 }, { AWS_EC2_METADATA_DISABLED: 'false' });
    expect(proxy!.asked).to.deep.equal([]);
    expect(new Set(past.map((one) => one.split(':')[0]))).to.deep.equal(new Set(['169.254.169.254']));
  });

  describeWithAws('with AWS at hosts that it alone can reach', (aws) => {
    const reachable = (): Record<string, string> => ({
      ...aws.server().environment,
      AWS_ENDPOINT_URL: 'http://aws',
    });

    it('a repository is backed up, verified and restored', async () => {
      await aws.call('s3', 'PUT /acme-backups');
      for (const args of [['backup', 'git', 'app.git'], ['verify'], ['list']]) {
        const { code, stdout, stderr, past } = await through(
          [...args, ...s3],
          { everythingTo: aws.server().endpoint },
          reachable(),
        );
        expect(code, stdout + stderr).to.equal(0);
        expect(past).to.deep.equal([]);
        await proxy?.close();
      }
    });

    it('what runs on an instance for EFS says how it ended, and that it has', async () => {
      await aws.call('s3', 'PUT /holdfast-efs-logs');
      const { code, past, stdout } = await through(
        ['efs-task'],
        { everythingTo: aws.server().endpoint },
        {
          ...reachable(),
          HOLDFAST_EFS_LOGS: 'holdfast-efs-logs',
          HOLDFAST_EFS_FOLDER: place,
          HOLDFAST_EFS_GROUP: 'holdfast-efs-home',
          HOLDFAST_EFS_TASK: JSON.stringify(taskOf(1)),
        },
      );
      expect(code, stdout).to.equal(1);
      expect(past).to.deep.equal([]);
      expect(stdout).to.include(ids.source);
      const hosts = new Set(proxy!.asked.map((asked) => new URL(asked.split(' ')[1] ?? '').host));
      expect(hosts).to.deep.equal(new Set(['holdfast-efs-logs.aws', 'aws']));
      expect((await aws.server().calls()).map(({ operation }) => operation)).to.include('PutEvents');
    });
  });
});
