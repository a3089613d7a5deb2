import { expect } from 'chai';
import { holdfast } from '../../support/command-line.ts';
import { answerWith, listen, type Listening } from '../../support/http-listener.ts';

/** A planted token, searched for in everything that is printed. */
const canary = 'ghp_Canary4f9d2b7c6a1e8053Planted';

describe('holdfast settings', () => {
  let server: Listening;
  let secret: string;
  let stored: string[];

  before(async () => {
    server = await listen(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { SecretString?: string };
      if (String(request.headers['x-amz-target']).endsWith('PutSecretValue'))
        stored.push((secret = body.SecretString ?? ''));
      const headers = { 'content-type': 'application/x-amz-json-1.1' };
      answerWith(response, { status: 200, headers, body: JSON.stringify({ SecretString: secret }) });
    });
  });

  beforeEach(() => {
    stored = [];
    secret = JSON.stringify({ TOKEN_GITHUB: canary, BACKUP_S3_BUCKET: 'vault-bucket', BACKUP_OWNER: 'acme' });
  });

  after(() => server.close());

  const run = (args: string[], input?: string) =>
    holdfast(['settings', ...args], {
      env: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIATEST',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
      ...(input === undefined ? {} : { input }),
    });

  it('shows what is set, and never a token', async () => {
    const { stdout, code } = await run(['show']);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/TOKEN_GITHUB +\(set\)/)
      .and.match(/BACKUP_OWNER +acme/);
    expect(stdout).to.not.include(canary);
  });

  it('checks the secret of another Git host by what that one has', async () => {
    secret = JSON.stringify({ TOKEN_GITLAB: canary, BACKUP_S3_BUCKET: 'vault-bucket' });
    expect((await run(['set', 'BACKUP_WIKIS', 'no'])).code).to.equal(0);
    expect(stored).to.have.length(1);
    const { code, stderr } = await run(['set', 'BACKUP_DATASETS', 'code']);
    expect(code).to.equal(2);
    expect(stderr).to.include('BACKUP_DATASETS');
  });

  it('changes one key and keeps the others', async () => {
    expect((await run(['set', 'BACKUP_EXCLUDE', 'acme/old-*'])).code).to.equal(0);
    expect(stored.map((text) => JSON.parse(text) as unknown)).to.deep.equal([
      { TOKEN_GITHUB: canary, BACKUP_S3_BUCKET: 'vault-bucket', BACKUP_OWNER: 'acme', BACKUP_EXCLUDE: 'acme/old-*' },
    ]);
    expect((await run(['set', 'BACKUP_EXCLUDE', '--remove'])).code).to.equal(0);
    expect(stored.at(-1)).to.not.include('BACKUP_EXCLUDE');
  });

  it('takes a token from standard input alone', async () => {
    const refused = await run(['set', 'TOKEN_GITHUB', 'inArguments']);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('standard input').and.to.not.include('inArguments');
    const { code, stdout } = await run(['set', 'TOKEN_GITHUB'], 'ghp_newNewNewNewNewNewNewNewNewNewNew0002\n');
    expect(code).to.equal(0);
    expect(stdout).to.not.include('ghp_new');
    expect(stored[0]).to.include('"ghp_newNewNewNewNewNewNewNewNewNewNew0002"');
  });

  it('prints with --json what its schema describes', async () => {
    const shown = await run(['show', '--json']);
    expect(shown.stdout).to.include('"event":"settings"').and.to.not.include(canary);
    expect((await run(['set', 'BACKUP_FORKS', 'false', '--json'])).stdout).to.include('"event":"setting"');
    expect((await run(['set', 'BACKUP_OWNR', 'acme', '--json'])).stdout).to.include('"event":"error"');
  });

  it('refuses what no run would take, and stores nothing', async () => {
    for (const args of [
      ['set', 'BACKUP_VISIBILITY', 'secret'],
      ['set', 'BACKUP_OWNR', 'acme'],
      ['set', 'BACKUP_S3_BUCKET', '--remove'],
    ]) {
      const { code, stderr } = await run(args);
      expect(code, args.join(' ')).to.not.equal(0);
      expect(stderr).to.include(args[1] ?? '');
    }
    expect((await run(['set', 'BACKUP_FORKS', 'false', '--dry-run'])).code).to.equal(0);
    expect(stored).to.deep.equal([]);
  });

  it('shows no address of notifications, takes it from standard input alone, and checks it', async () => {
    const address = 'https://hooks.slack.com/services/T0CANARY1/B0CANARY2/c4nary3c4nary4';
    secret = JSON.stringify({ NOTIFY_SLACK: address, NOTIFY_HEARTBEAT_ON_FAILURE: 'none' });
    const shown = await run(['show', '--secret', 'prod/holdfast-notifications']);
    expect(shown.stdout).to.match(/NOTIFY_SLACK +\(set\)\nNOTIFY_HEARTBEAT_ON_FAILURE +none/);
    expect((await run(['set', 'NOTIFY_TEAMS', address])).stderr)
      .to.include('standard input')
      .and.not.match(/c4nary/i);
    expect((await run(['set', 'NOTIFY_HEARTBEAT_GITHUB'], 'https://ping.example/c4nary5')).code).to.equal(0);
    expect(stored).to.have.length(1);
    const refused = await run(['set', 'NOTIFY_WEBHOOK'], 'http://plain.example/c4nary6c4nary7');
    expect(refused.code).to.equal(2);
    expect(refused.stderr)
      .to.match(/NOTIFY_WEBHOOK: must begin with https/)
      .and.not.match(/c4nary/i);
    expect(stored).to.have.length(1);
  });
});
