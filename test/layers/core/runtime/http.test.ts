import { expect } from 'chai';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient, retryAfterMs, type HttpOptions } from '#core/runtime/http.ts';
import { collect, failureOf, streamOf } from '../../../support/streams.ts';

const MiB = 1 << 20;

describe('HttpClient', () => {
  const open: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
    const server = createServer(handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const address = server.address();
    return new URL(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`);
  }

  function client(options: HttpOptions = {}): HttpClient {
    const made = new HttpClient({ stallMs: 20_000, ...options });
    open.push(() => made.close());
    return made;
  }

  const echo = (request: IncomingMessage, response: ServerResponse) => void request.pipe(response);
  const chunk = Buffer.alloc(MiB, 7);

  it('sends a body of announced length in one piece or many, and gives back the answer', async () => {
    let headers: IncomingMessage['headers'] = {};
    const url = await serve((request, response) => {
      headers = request.headers;
      echo(request, response);
    });
    const parts = [Buffer.from('one'), Buffer.alloc(0), chunk, Buffer.from('two')];
    for (const chunks of [parts, streamOf(...parts)]) {
      const body = { length: 6 + MiB, chunks };
      const answer = await client().send({ method: 'POST', url, headers: { 'x-own': 'yes' }, body });
      expect(answer.status).to.equal(200);
      expect(await collect(answer.body)).to.deep.equal(Buffer.concat(parts));
      expect(headers).to.include({ 'content-length': String(6 + MiB), 'x-own': 'yes' });
      expect(headers['user-agent']).to.match(/^holdfast\//);
      expect(headers).not.to.have.property('transfer-encoding');
    }
  });

  it('gives an answer of any status, and follows no redirect', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('elsewhere'),
    );
    const answer = await client().send({ method: 'GET', url });
    expect(answer.status).to.equal(302);
    expect((await collect(answer.body)).toString()).to.equal('elsewhere');
  });

  it('keeps the connection for the next request when the answer was read, and closes it when it was left', async () => {
    const ports: (number | undefined)[] = [];
    const url = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      response.write(chunk);
      response.end(chunk);
    });
    const http = client();
    for (let time = 0; time < 3; time++) await collect((await http.send({ method: 'GET', url })).body);
    for await (const _ of (await http.send({ method: 'GET', url })).body) break;
    await collect((await http.send({ method: 'GET', url })).body);
    expect(new Set(ports.slice(0, 4)).size).to.equal(1);
    expect(ports[4]).not.to.equal(ports[3]);
  });

  it('sends a request again when the server had just closed the connection that was kept for it', async () => {
    const served = new Map<number | undefined, number>();
    const url = await serve((request, response) => {
      const before = served.get(request.socket.remotePort) ?? 0;
      served.set(request.socket.remotePort, before + 1);
      if (before > 0) request.socket.resetAndDestroy();
      else echo(request, response);
    });
    const http = client();
    const post = (chunks: Iterable<Buffer> | AsyncIterable<Buffer>) =>
      http.send({ method: 'POST', url, body: { length: 3, chunks } });
    const parts = [Buffer.from('one')];
    for (const chunks of [parts, parts, parts])
      expect((await collect((await post(chunks)).body)).toString()).to.equal('one');
    expect((await http.send({ method: 'GET', url })).status).to.equal(200);
    await collect((await post(parts)).body);
    // A stream can only be sent once, so it goes over a connection of its own.
    expect((await collect((await post(streamOf(...parts))).body)).toString()).to.equal('one');
  });

  it('does not send a request again when a new connection breaks', async () => {
    let requests = 0;
    const url = await serve((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    expect((await failureOf(client().send({ method: 'GET', url }))).code).to.equal('Truncated');
    expect(requests).to.equal(1);
  });

  it('does not read ahead of the reader of the answer', async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      const more = () => {
        while (sent < 256 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const answer = await client().send({ method: 'GET', url });
    for await (const _ of answer.body) {
      let before = -1;
      while (before !== sent) {
        before = sent;
        await sleep(50);
      }
      break;
    }
    expect(sent, 'MiB sent while one chunk was looked at').to.be.lessThan(128);
  });

  it('fails with the error of the body’s source, whether the answer has begun or not', async () => {
    const damaged = new HoldfastError('Damaged', 'the vault is damaged');
    const breaking = async function* () {
      yield chunk;
      await started;
      throw damaged;
    };
    let started: Promise<unknown> = Promise.resolve();
    const silent = await serve((request) => void request.resume());
    const body = () => ({ length: 3 * MiB, chunks: breaking() });
    let seen: unknown;
    await client()
      .send({ method: 'POST', url: silent, body: body() })
      .catch((error: unknown) => (seen = error));
    expect(seen).to.equal(damaged);

    const eager = await serve((request, response) => {
      request.resume();
      response.writeHead(200).flushHeaders();
    });
    let begin: () => void = () => undefined;
    started = new Promise<void>((resolve) => (begin = resolve));
    const answer = await client().send({ method: 'POST', url: eager, body: body() });
    begin();
    await collect(answer.body).catch((error: unknown) => (seen = error));
    expect(seen).to.equal(damaged);
  });

  it('gives the answer of a server that hangs up before it has the whole body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too large', () => request.socket.destroySoon());
    });
    const chunks = Array.from({ length: 64 }, () => chunk);
    const answer = await client().send({ method: 'POST', url, body: { length: 64 * MiB, chunks } });
    expect(answer.status).to.equal(413);
  });

  it('calls it stalled when the server takes nothing of the body, begins no answer, or does not go on with it', async () => {
    const http = client({ stallMs: 100 });
    const takesNothing = await serve(() => undefined);
    const chunks = Array.from({ length: 64 }, () => chunk);
    const upload = http.send({ method: 'POST', url: takesNothing, body: { length: 64 * MiB, chunks } });
    expect(await failureOf(upload)).to.include({ code: 'Stalled', transient: true });
    expect((await failureOf(http.send({ method: 'GET', url: takesNothing }))).code).to.equal('Stalled');
    const stopsAnswering = await serve((_, response) => void response.write('and then'));
    const answer = await http.send({ method: 'GET', url: stopsAnswering });
    expect(await failureOf(collect(answer.body))).to.include({ code: 'Stalled', transient: true });
  });

  it('calls it truncated when the connection breaks before or in the answer', async () => {
    for (const begin of [false, true]) {
      const url = await serve((request, response) => {
        if (begin)
          response.writeHead(200, { 'content-length': '10' }).write('only', () => request.socket.resetAndDestroy());
        else request.socket.resetAndDestroy();
      });
      const read = async () => collect((await client().send({ method: 'GET', url })).body);
      expect(await failureOf(read())).to.include({ code: 'Truncated', transient: true });
    }
  });

  it('stops on request: before it begins, while it waits, and while it reads', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/answers') response.write('the first part');
    });
    const reason = new HoldfastError('Interrupted', 'the time is up');
    const before = AbortSignal.abort(reason);
    expect(await failureOf(client({ signal: before }).send({ method: 'GET', url }))).to.equal(reason);

    const whileWaiting = new AbortController();
    const waiting = failureOf(client({ signal: whileWaiting.signal }).send({ method: 'GET', url }));
    await sleep(20);
    whileWaiting.abort(reason);
    expect(await waiting).to.equal(reason);

    const whileReading = new AbortController();
    const answer = await client({ signal: whileReading.signal }).send({ method: 'GET', url: new URL('/answers', url) });
    const reading = failureOf(collect(answer.body));
    whileReading.abort();
    expect((await reading).code).to.equal('Interrupted');
  });

  it('says what it could not reach, without a password', async () => {
    const error = await failureOf(
      client().send({ method: 'GET', url: new URL('http://user:s3cr3t-word@127.0.0.1:1/') }),
    );
    expect(error).to.include({ code: 'Unavailable', transient: true });
    expect(error.message).to.include('http://127.0.0.1:1').and.not.to.include('s3cr3t-word');
  });

  const lookups: [code: string, again: boolean, what: string][] = [
    ['ENOTFOUND', false, 'a name that does not exist is not tried again'],
    ['EAI_AGAIN', true, 'a resolver that fails is tried again'],
  ];
  for (const [code, transient, what] of lookups)
    it(`${what} (${code})`, async () => {
      const lookup = dns.lookup;
      open.push(() => void Object.assign(dns, { lookup }));
      const failing = (name: string, _: unknown, done: (error: Error) => void): void =>
        done(Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }));
      Object.assign(dns, { lookup: failing });
      const error = await failureOf(client().send({ method: 'GET', url: new URL('http://git.example/') }));
      expect(error).to.include({ code: 'Unavailable', transient });
      expect(error.message).to.include(`getaddrinfo ${code} git.example`);
    });
});

describe('Retry-After', () => {
  it('is understood as seconds and as a date, and ignored where it is neither', () => {
    expect(retryAfterMs({ 'retry-after': '3' })).to.equal(3000);
    expect(retryAfterMs({ 'retry-after': '0' })).to.equal(0);
    expect(retryAfterMs({ 'retry-after': '-5' })).to.equal(0);
    expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' })).to.equal(0);
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    expect(retryAfterMs({ 'retry-after': inAnHour }))
      .to.be.greaterThan(3_000_000)
      .and.at.most(3_600_000);
    expect(retryAfterMs({ 'retry-after': 'soon' })).to.equal(undefined);
    expect(retryAfterMs({})).to.equal(undefined);
  });
});
