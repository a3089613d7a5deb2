import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAddresses, type Addresses } from '#core/notifications/addresses.ts';
import { beat, deliver, type Patience } from '#core/notifications/deliver.ts';
import type { Notice } from '#core/notifications/notice.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { listen, selfSignedCertificate } from '../../../support/http-listener.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';
import { listenForWebhooks, type Webhooks } from '../../../support/webhooks.ts';

const patience: Patience = { attempts: 3, firstWaitMs: 1, longestWaitMs: 5, answerMs: 2_000, inAllMs: 10_000 };
const canary = 'C4narySecretPath9';

const notice: Notice = {
  kind: 'run',
  id: '2026-11-30T120000.000Z',
  source: 'github',
  severity: { level: 'critical', why: 'nothing was backed up' },
  subject: 'Holdfast: the backup of github FAILED',
  text: 'It failed.\n',
  details: { result: 'failed' },
};

describe('sending a notification', () => {
  let server: Webhooks;

  beforeEach(async () => (server = await listenForWebhooks()));
  afterEach(() => server.close());

  const addresses = (values: Record<string, string>): Addresses =>
    parseAddresses(
      Object.fromEntries(Object.entries(values).map(([key, at]) => [key, at.replace('HERE', server.url)])),
      'the test',
    ).of('github');
  const all = {
    NOTIFY_SLACK: `HERE/slack/${canary}`,
    NOTIFY_TEAMS: `HERE/teams/${canary}`,
    NOTIFY_WEBHOOK: `HERE/own`,
  };

  it('reaches every address once, each in its form', async () => {
    expect(await deliver(notice, addresses(all), patience)).to.deep.equal([]);
    const sent = server.received.map(({ method, path: at, headers, body }) => ({
      what: `${method} ${at.replace(canary, '*')} ${String(headers['content-type'])}`,
      id: headers['idempotency-key'],
      keys: Object.keys(JSON.parse(body) as object).slice(0, 2),
    }));
    const id = '"run github 2026-11-30T120000.000Z"';
    const json = 'application/json; charset=utf-8';
    expect(sent).to.have.deep.members([
      { what: `POST /slack/* ${json}`, id, keys: ['text', 'mrkdwn'] },
      { what: `POST /teams/* ${json}`, id, keys: ['type', 'attachments'] },
      { what: `POST /own ${json}`, id, keys: ['format', 'kind'] },
    ]);
  });

  it('is tried again where the server may recover, and not where it refuses', async () => {
    server.answers = Object.assign(server.answers, [
      { status: 503 },
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 202 },
    ]);
    expect(await deliver(notice, addresses({ NOTIFY_SLACK: all.NOTIFY_SLACK }), patience)).to.deep.equal([]);
    expect(server.received).to.have.length(3);
    server.answers.splice(0, Infinity, { status: 404, body: `no_service at ${canary}` });
    expect(await deliver(notice, addresses({ NOTIFY_SLACK: all.NOTIFY_SLACK }), patience)).to.deep.equal([
      'Slack did not get the notification: the server answers 404: check the address, or make a new one',
    ]);
    expect(server.received).to.have.length(4);
  });

  it('follows no redirect', async () => {
    server.answers.splice(0, Infinity, { status: 307, headers: { location: `${server.url}/elsewhere` } });
    expect(await deliver(notice, addresses({ NOTIFY_WEBHOOK: all.NOTIFY_WEBHOOK }), patience)).to.match(/a redirect/);
    expect(server.received.map((one) => one.path)).to.deep.equal(['/own']);
  });

  it('stops no other one by failing, and says nothing of the address', async () => {
    const closed = await listenForWebhooks();
    await closed.close();
    const silent = await listen(() => new Promise(() => undefined));
    const hurried = { ...patience, answerMs: 40, inAllMs: 400 };
    const told = await deliver(
      notice,
      addresses({
        ...all,
        NOTIFY_SLACK: `${closed.url}/${canary}`,
        NOTIFY_TEAMS: `${silent.url}/${canary}?sig=${canary}`,
      }),
      hurried,
    );
    await silent.close();
    expect(server.received.map((one) => one.path)).to.deep.equal(['/own']);
    expect(told).to.have.length(2);
    expect(told[0]).to.match(/^Slack did not get the notification: cannot reach the server: .*ECONNREFUSED/);
    expect(told[1]).to.match(/^Teams did not get the notification: /);
    expect(told.join('\n')).not.to.match(new RegExp(`${canary}|127\\.0\\.0\\.1|${closed.port}|${silent.port}`));
  });

  it('takes a server whose authority the environment names, and no other', async () => {
    const tls = await selfSignedCertificate();
    const secure = await listenForWebhooks(tls);
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-notify-'));
    const bundle = path.join(folder, 'authority.pem');
    await writeFile(bundle, tls.cert);
    const to = parseAddresses({ NOTIFY_WEBHOOK: `${secure.url}/own` }, 'the test').of(undefined);
    try {
      expect((await deliver(notice, to, patience))[0]).to.match(
        /^the webhook did not get the notification: .*certificate/,
      );
      const restore = setEnvironment({ SSL_CERT_FILE: bundle });
      try {
        expect(await deliver(notice, to, patience)).to.deep.equal([]);
      } finally {
        restore();
      }
      expect(secure.received).to.have.length(1);
    } finally {
      await secure.close();
      await rm(folder, { recursive: true });
    }
  });

  it('goes by the proxy that the environment names', async () => {
    const restore = setEnvironment({ http_proxy: server.url, no_proxy: '' });
    try {
      const to = parseAddresses({ NOTIFY_WEBHOOK: 'http://localhost:9/own' }, 'the test').of(undefined);
      expect(await deliver(notice, to, patience)).to.deep.equal([]);
    } finally {
      restore();
    }
    expect(server.received.map((one) => one.path)).to.deep.equal(['http://localhost:9/own']);
  });

  it('holds no secret that a name or an error quotes', async () => {
    keepSecret('s3cret-of-a-server');
    const quoting = { ...notice, text: 's3cret-of-a-server', details: { failed: [{ name: 'x s3cret-of-a-server' }] } };
    await deliver(quoting, addresses(all), patience);
    expect(server.received).to.have.length(3);
    for (const { body } of server.received) expect(body).not.to.include('s3cret-of-a-server');
  });
});

describe('the heartbeat', () => {
  let server: Webhooks;

  beforeEach(async () => (server = await listenForWebhooks()));
  afterEach(() => server.close());

  const beats = async (values: Record<string, string>, what: { of: 'run' | 'drill'; well: boolean }) => {
    server.received.length = 0;
    const address = { NOTIFY_HEARTBEAT: `${server.url}/ping/uuid?x=1`, NOTIFY_DRILL_HEARTBEAT: `${server.url}/drill` };
    const warnings = await beat(parseAddresses({ ...address, ...values }, 'the test').of('github'), what, patience);
    return [...server.received.map(({ method, path: at }) => `${method} ${at}`), ...warnings];
  };

  it('tells what went well from what did not, and runs from drills', async () => {
    expect(await beats({}, { of: 'run', well: true })).to.deep.equal(['GET /ping/uuid?x=1']);
    expect(await beats({}, { of: 'run', well: false })).to.deep.equal(['GET /ping/uuid/fail?x=1']);
    expect(await beats({}, { of: 'drill', well: true })).to.deep.equal(['GET /drill']);
    expect(await beats({}, { of: 'drill', well: false })).to.deep.equal(['GET /drill/fail']);
  });

  it('tells of failures as its service takes them, or by silence', async () => {
    const failed = { of: 'run', well: false } as const;
    expect(await beats({ NOTIFY_HEARTBEAT_ON_FAILURE: '/1' }, failed)).to.deep.equal(['GET /ping/uuid/1?x=1']);
    expect(await beats({ NOTIFY_HEARTBEAT_ON_FAILURE: '?status=down' }, failed)).to.deep.equal([
      'GET /ping/uuid?x=1&status=down',
    ]);
    expect(await beats({ NOTIFY_HEARTBEAT_ON_FAILURE: 'none' }, failed)).to.deep.equal([]);
  });

  it('is only a warning where it is not heard', async () => {
    server.answers.splice(0, Infinity, { status: 500 });
    expect((await beats({}, { of: 'run', well: true })).at(-1)).to.equal(
      'the heartbeat was not heard: the server answers 500',
    );
  });
});
