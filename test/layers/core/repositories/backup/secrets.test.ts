import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { HttpTransport } from '#core/git/http-transport.ts';
import { flush } from '#core/git/pkt-line.ts';
import { listForPush, push } from '#core/git/push.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { useHttp } from '../../../../support/backups.ts';
import {
  cutBody,
  errorPacket,
  failWith,
  Fault,
  flipByte,
  packet,
  redirect,
  sideBandError,
  type Body,
  type RequestKind,
} from '../../../../support/git-faults.ts';
import { addCommit } from '../../../../support/repositories.ts';
import { collect, failureOf, streamOf } from '../../../../support/streams.ts';
import { useServed, type Served } from './served.ts';

const canary = `ghp_canary/${randomBytes(12).toString('hex')}`;
const basic = Buffer.from(`backup:${canary}`).toString('base64');
/** The token in every form in which it goes over the wire, or could be printed. */
const forms = [
  canary,
  encodeURIComponent(canary),
  basic,
  Buffer.from(canary).toString('base64'),
  Buffer.from(canary).toString('hex'),
];

/** A server that repeats what it was told. */
const talk = `you sent ${canary}, which is ${basic}`;
const text = { 'content-type': 'text/plain' };

const failures: Record<string, (served: Served) => Fault> = {
  'the credentials are refused': () => failWith({ status: 401, headers: text, body: talk }),
  'access is denied': () => failWith({ status: 403, headers: text, body: talk }, { on: 'fetch' }),
  'the repository is missing': () => failWith({ status: 404, headers: text, body: talk }),
  'the repository is blocked': () => failWith({ status: 451, headers: text, body: talk }),
  'the server is throttled': () => failWith({ status: 429, headers: text, body: talk, retryAfter: 1 }),
  'the server fails': () => failWith({ status: 500, headers: text, body: talk }, { on: 'fetch' }),
  'the list of refs is an error': () => errorPacket({ message: talk }, { on: 'info-refs' }),
  'the fetch is an error': () => errorPacket({ message: talk }, { on: 'fetch' }),
  'a ref has gone': () => errorPacket({ message: `upload-pack: not our ref ${talk}` }, { on: 'fetch' }),
  'the server gives up in the middle': () => sideBandError({ after: 100, message: talk }),
  'the list of refs holds what it must not': () => answering(Buffer.concat([packet(`${canary}\n`), flush])),
  'what comes is no list of refs': () => answering(Buffer.from(canary)),
  'the server is no Git server': () => failWith({ status: 200, headers: text, body: talk }),
  'the pack is damaged': () => flipByte({ at: 100, within: 'pack' }),
  'the answer is cut': () => cutBody({ after: 100, ending: 'reset' }),
  'the redirect leads nowhere': () =>
    redirect({ to: () => `https://me:${canary}@example.org/${encodeURIComponent(canary)}?t=${canary}` }),
  'the redirect is to another protocol': () =>
    redirect({ to: () => `ftp://${canary.replace('/', ':')}@example.org/info/refs` }),
  'the redirect goes on for ever': ({ server }) =>
    redirect({ to: () => `${server.url}/${encodeURIComponent(canary)}/info/refs?token=${canary}` }),
};

/** Gives another answer in the place of the real one. */
function answering(bytes: Buffer, on: RequestKind = 'info-refs'): Fault {
  async function* change(body: Body): Body {
    await collect(body);
    yield bytes;
  }
  return new Fault('other bytes', { on }, { change });
}

describe('a token', () => {
  const serve = useServed();
  const http = useHttp();
  const authorize = () => Promise.resolve(`Basic ${basic}`);

  before(() => keepSecret(canary));

  function expectNoToken(what: unknown, where: string): void {
    // Everything that a logger could get hold of: message, advice, stack, causes and their hidden properties.
    const said =
      typeof what === 'string' ? what : inspect(what, { depth: 20, showHidden: true, maxStringLength: null });
    for (const form of forms) expect(said, where).not.to.include(form);
  }

  for (const [when, fault] of Object.entries(failures))
    it(`is in no error, and nothing is stored, when ${when}`, async () => {
      const served = await serve();
      served.server.faults.push(fault(served));
      const transport = http(`${served.server.url}/app.git`, authorize);
      const error = await failureOf(served.backups.take(transport));
      expect(served.server.requests[0]?.headers.authorization, 'the canary was sent').to.equal(`Basic ${basic}`);
      expectNoToken(error, when);
      expectNoToken(JSON.stringify(error), when);
      expect(await served.backups.files()).to.deep.equal([]);
    });

  it('is in no error when the server cannot be reached', async () => {
    const client = new HttpClient();
    const transport = new HttpTransport(new URL('http://127.0.0.1:1/app.git'), client, authorize);
    const { backups } = await serve();
    expectNoToken(await failureOf(backups.take(transport)), 'unreachable');
    client.close();
  });

  it('is nowhere in the vault', async () => {
    const served = await serve();
    const transport = http(`${served.server.url}/app.git`, authorize);
    await served.backups.take(transport);
    await addCommit(served.path);
    await served.backups.take(transport);
    await served.backups.take(transport);
    const files = await served.backups.files();
    expect(files).to.have.length(6);
    for (const file of files) expectNoToken(file + (await readFile(join(served.backups.folder, file), 'latin1')), file);
  });

  it('is not in what a push reports', async () => {
    const served = await serve();
    const report = Buffer.concat([packet('unpack ok\n'), packet(`ng refs/heads/main ${talk}\n`), flush]);
    const answer = Buffer.concat([packet(`\u0001${report.toString()}`), flush]);
    served.server.faults.push(answering(answer, 'receive-pack'));
    const transport = http(`${served.server.url}/app.git`, authorize);
    const listed = await listForPush(transport);
    const update = { name: 'refs/heads/main', from: listed.refs.get('refs/heads/main'), to: undefined };
    const outcome = await push(transport, listed, [update], { length: 0, chunks: streamOf() });
    const result = outcome.answers.get('refs/heads/main');
    expect(result).to.include({ ok: false });
    expect(inspect(result)).to.include('you sent');
    expectNoToken(outcome, 'the outcome of a push');
  });
});
