import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { holdfast } from '../../support/command-line.ts';
import { createRepository } from '../../support/repositories.ts';
import { listenForWebhooks, type Webhooks } from '../../support/webhooks.ts';

const canary = 'C4naryOfAnAddress0';

const sentSchema = v.looseObject({
  kind: v.string(),
  severity: v.object({ level: v.string(), why: v.string() }),
  subject: v.string(),
  changes: v.optional(v.looseObject({ failing: v.array(v.string()) })),
});

describe('holdfast run, as it tells people', () => {
  let server: Webhooks;
  let folder: string;

  beforeEach(async () => {
    server = await listenForWebhooks();
    folder = await mkdtemp(path.join(tmpdir(), 'holdfast-notify-'));
    await createRepository(path.join(folder, 'project'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const run = async (config: object, env: Record<string, string> = {}, ...flags: string[]) => {
    await writeFile(path.join(folder, 'holdfast.json'), JSON.stringify(config));
    server.received.length = 0;
    const result = await holdfast(['run', ...flags], { cwd: folder, env });
    const printed = result.stdout + result.stderr;
    expect(printed).not.to.include(canary);
    const posted = server.received.filter(({ method }) => method === 'POST');
    return {
      code: result.code,
      printed,
      pings: server.received.filter(({ method }) => method === 'GET').map((one) => one.path.replace(canary, '*')),
      sent: posted.map(({ body }) => v.parse(sentSchema, JSON.parse(body))),
    };
  };
  const environment = () => ({
    HOLDFAST_NOTIFY_WEBHOOK: `${server.url}/own/${canary}`,
    HOLDFAST_NOTIFY_HEARTBEAT: `${server.url}/ping/${canary}`,
    HOLDFAST_NOTIFY_DRILL_HEARTBEAT: `${server.url}/drilled/${canary}`,
  });

  it('pings what waits for it when all went well, and sends no message unless asked', async () => {
    const config = { backup: [{ source: 'git', addresses: ['project'] }], drill: {} };
    const well = await run(config, environment());
    expect(well.printed).to.include('restores');
    expect([well.code, well.pings, well.sent]).to.deep.equal([0, ['/drilled/*', '/ping/*'], []]);
    const asked = await run({ ...config, notify: { success: true } }, environment());
    expect(asked.sent.map(({ kind, severity, subject }) => [kind, severity.level, subject])).to.deep.equal([
      ['run', 'ok', 'Holdfast: the backup of git is complete'],
      ['command', 'ok', 'Holdfast: drill went well'],
    ]);
  });

  it('says what is wrong with a run, and what has changed since the one before', async () => {
    await run({ backup: [{ source: 'git', addresses: ['project'] }] });
    await rm(path.join(folder, 'project'), { recursive: true });
    const { code, pings, sent } = await run({ backup: [{ source: 'git', addresses: ['project'] }] }, environment());
    expect(code).to.equal(1);
    expect(pings).to.deep.equal(['/ping/*/fail']);
    expect(sent).to.have.length(1);
    expect(sent[0]?.severity).to.deep.equal({ level: 'critical', why: 'nothing was backed up' });
    expect(sent[0]?.changes?.failing).to.have.length(1);
  });

  it('says why a command did not even begin', async () => {
    const { code, pings, sent } = await run({ backup: [{ source: 'git', addresses: [] }] }, environment());
    expect(code).to.equal(2);
    expect(pings).to.deep.equal(['/ping/*/fail']);
    expect(sent[0]).to.deep.include({ kind: 'command' });
    expect(sent[0]?.severity).to.deep.include({ level: 'critical' });
    expect(sent[0]?.severity.why).to.match(/^Usage: /);
  });

  it('takes the addresses from a file as well', async () => {
    await writeFile(
      path.join(folder, 'notify.json'),
      JSON.stringify({ NOTIFY_HEARTBEAT: `${server.url}/file/${canary}` }),
    );
    const { pings } = await run({
      backup: [{ source: 'git', addresses: ['project'] }],
      notify: { addressFile: 'notify.json' },
    });
    expect(pings).to.deep.equal(['/file/*']);
  });

  it('names an address that fails, and ends as the backup ended', async () => {
    server.answers.splice(0, Infinity, { status: 404 });
    const { code, printed } = await run(
      { backup: [{ source: 'git', addresses: ['project'] }] },
      environment(),
      '--json',
    );
    expect(code).to.equal(0);
    expect(printed).to.include(
      '{"event":"undelivered","message":"the heartbeat was not heard: the server answers 404: check the address, or make a new one"}',
    );
  });

  it('begins nothing where an address is not valid', async () => {
    const env = { HOLDFAST_NOTIFY_SLACK: `http://hooks.example/${canary}` };
    const { code, printed } = await run({ backup: [{ source: 'git', addresses: ['project'] }] }, env);
    expect(code).to.equal(2);
    expect(printed).to.match(/HOLDFAST_NOTIFY_….*NOTIFY_SLACK: must begin with https/);
    expect(printed).not.to.include('stored');
  });
});

describe('holdfast doctor, of addresses of notifications', () => {
  const doctor = async (env: Record<string, string>): Promise<{ code: number | null; said: string }> => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-notify-'));
    const { code, stdout, stderr } = await holdfast(['doctor'], { cwd: folder, env });
    await rm(folder, { recursive: true });
    expect(stdout + stderr).not.to.match(/c4nary/i);
    return { code, said: stdout };
  };

  it('says which are valid in form, and which are certainly meant otherwise', async () => {
    const { code, said } = await doctor({
      HOLDFAST_NOTIFY_SLACK: 'https://hooks.slack.com/services/T0C4NARY1/B0C4NARY2/c4nary3c4nary4',
      HOLDFAST_NOTIFY_SLACK_GITHUB: 'https://hooks.slack.com/triggers/T0C4NARY1/1/c4nary3c4nary4',
      HOLDFAST_NOTIFY_SLACK_GITLAB: 'https://chat.example/hooks/c4nary3c4nary4',
      HOLDFAST_NOTIFY_SLACK_GIT: 'https://hooks.slack.com/services/T0C4NARY1',
      HOLDFAST_NOTIFY_TEAMS: 'https://acme.webhook.office.com/webhookb2/c4nary3c4nary4',
      HOLDFAST_NOTIFY_HEARTBEAT: 'https://ping.example/c4nary5c4nary6',
    });
    expect(code).to.equal(0);
    for (const line of [
      'good  NOTIFY_SLACK is valid in form',
      'note  NOTIFY_SLACK_GITHUB starts a workflow of Slack',
      'note  NOTIFY_SLACK_GITLAB is not an address of Slack',
      'note  NOTIFY_SLACK_GIT is not whole',
      'note  NOTIFY_TEAMS is a connector of Office 365',
      'good  NOTIFY_HEARTBEAT is valid in form',
    ])
      expect(said).to.include(line);
  });

  it('fails for one that no run would take', async () => {
    const { code, said } = await doctor({ HOLDFAST_NOTIFY_WEBHOOK: 'http://plain.example/c4nary3c4nary4' });
    expect(code).to.equal(1);
    expect(said).to.match(/bad {3}notifications cannot be sent: .*NOTIFY_WEBHOOK: must begin with https/);
  });
});
