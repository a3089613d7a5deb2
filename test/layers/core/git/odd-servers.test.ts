/** Servers as they are met: other words, other headers, compressed answers, logins that expired; and hostile ones. */
import type * as http from 'node:http';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { expect } from 'chai';
import { fetchPack, listRefs } from '#core/git/fetch.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import { flush, pktLine, readPackets, textOf } from '#core/git/pkt-line.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { byLogins } from '#core/sources/git/git-source.ts';
import { parseNetrc } from '#core/sources/git/netrc.ts';
import { Backups, useHttp } from '../../../support/backups.ts';
import { advertiseOnly } from '../../../support/capabilities.ts';
import { answerWith, listen } from '../../../support/http-listener.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../../../support/git-server.ts';
import { bodyText } from '../../../support/recorded-request.ts';
import { addCommit, createRepository, git, gitWith, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf, streamOf } from '../../../support/streams.ts';

const oid = '1'.repeat(40);

describe('a Git server', () => {
  const folder = useTemporaryFolders();
  const transportTo = useHttp();
  const open: { close(): Promise<void> }[] = [];
  let root: string;

  before(async () => {
    root = await folder();
    await createRepository(join(root, 'app.git'), { commits: 3, branches: ['topic'] });
  });

  afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

  async function start(options: Omit<GitServerOptions, 'root'>): Promise<GitServer> {
    const server = await startGitServer({ root, ...options });
    open.push(server);
    return server;
  }

  async function fetched(server: GitServer): Promise<number> {
    const transport = transportTo(`${server.url}/app.git`);
    const listed = await listRefs(transport);
    const wants = [...new Set(listed.refs.values())];
    return (await fetchPack(transport, listed, { wants, haves: [], offsetDeltas: true }, () => undefined)).objects;
  }

  describe('that speaks only the first protocol', () => {
    for (const words of [
      'multi_ack thin-pack side-band side-band-64k no-progress shallow multi_ack_detailed',
      'multi_ack side-band',
      'side-band-64k ofs-delta',
      '',
    ])
      it(`is asked with what it offers and nothing else: ${words || 'nothing'}`, async () => {
        const server = await start({ protocol: 'v0' });
        server.faults.push(advertiseOnly(...words.split(' ')));
        expect(await fetched(server)).to.equal(12);
        const request = server.requests.find(({ kind }) => kind === 'fetch');
        const first = /want [0-9a-f]+ ?(.*)/.exec(request ? bodyText(request) : '')?.[1] ?? '';
        const asked = first.split(' ').filter(Boolean);
        const offered = words.split(' ');
        expect(asked.filter((word) => !offered.includes(word.split('=')[0] ?? ''))).to.deep.equal([]);
        expect(asked).not.to.include('thin-pack');
        const acknowledgement = ['multi_ack_detailed', 'multi_ack'].find((word) => offered.includes(word));
        expect(asked.find((word) => word.startsWith('multi_ack'))).to.equal(acknowledgement);
      });

    it('answers an increment in its longer words, and that is understood', async () => {
      const path = await createRepository(join(root, 'grows.git'), { commits: 20, branches: ['a', 'b', 'c'] });
      const server = await start({ protocol: 'v0' });
      const backups = new Backups(await folder());
      await backups.take(transportTo(`${server.url}/grows.git`), { options: { heaviestChain: 1e6 } });
      await addCommit(path);
      const taken = await backups.take(transportTo(`${server.url}/grows.git`), { options: { heaviestChain: 1e6 } });
      expect(taken.manifest.kind).to.equal('incremental');
      await backups.expectRestorable(taken, path);
    });
  });

  /** Lets the real server's headers pass through a change. */
  const withHeaders =
    (change: (response: http.ServerResponse) => void): NonNullable<GitServerOptions['intercept']> =>
    (_, response) => {
      const writeHead = response.writeHead.bind(response);
      response.writeHead = ((status: number, headers: http.OutgoingHttpHeaders) => {
        for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
        change(response);
        return writeHead(status);
      }) as typeof response.writeHead;
      return false;
    };

  for (const end of ['; charset=utf-8', ';charset=UTF-8', ' ; a=b; c="d"'])
    it(`may add to the type of its answer: ${end}`, async () => {
      const server = await start({
        intercept: withHeaders((response) => {
          const type = String(response.getHeader('content-type'));
          response.setHeader('content-type', `${type.replace('application', 'Application')}${end}`);
          response.setHeader('set-cookie', 'session=1');
        }),
      });
      expect(await fetched(server)).to.equal(12);
    });

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)
    it(`may compress its answers by ${encoding}`, async () => {
      const inner = await start({});
      const outer = await listen(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        const answer = await fetch(`${inner.url}${request.url ?? ''}`, {
          method: request.method ?? 'GET',
          headers: {
            'git-protocol': String(request.headers['git-protocol'] ?? ''),
            'content-type': request.headers['content-type'] ?? '',
          },
          ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        });
        const headers = {
          'content-type': answer.headers.get('content-type') ?? '',
          'content-encoding': encoding,
        };
        answerWith(response, { status: 200, headers, body: compress(Buffer.from(await answer.arrayBuffer())) });
      });
      open.push(outer);
      expect(await fetched({ ...inner, url: outer.url })).to.equal(12);
    });

  it('gets long requests compressed, and few enough haves for what takes no more than 1 MB', async () => {
    const path = await createRepository(join(root, 'many.git'), { commits: 3 });
    const commits = Array.from(
      { length: 16_500 },
      (_, index) => `commit refs/heads/long\ncommitter A <a@example.org> ${1.7e9 + index} +0000\ndata 1\nx\n`,
    );
    await gitWith({ cwd: path, input: commits.join('') }, 'fast-import', '--quiet');
    const oids = (await git(path, 'rev-list', 'refs/heads/long')).split('\n');
    const refs = oids.map((each, index) => `${each} refs/pull/${String(index).padStart(6, '0')}/head\n`);
    await writeFile(join(path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`);
    const server = await start({});
    const backups = new Backups(await folder());
    const options = { heaviestChain: 1e6 };
    await backups.take(transportTo(`${server.url}/many.git`), { options });
    const first = server.requests.splice(0).find(({ kind }) => kind === 'fetch');
    expect(first?.headers['content-encoding']).to.equal('gzip');
    await addCommit(path);
    const taken = await backups.take(transportTo(`${server.url}/many.git`), { options });
    expect(taken.manifest.git?.pack?.objects).to.equal(3);
    const [second] = server.requests.filter(({ kind }) => kind === 'fetch');
    expect(
      gunzipSync(second?.body ?? '')
        .toString()
        .split('have ').length - 1,
    ).to.equal(16_000);
    expect(second?.bodyBytes).to.be.below(1 << 20);
  });

  describe('that asks for a login', () => {
    const netrc = parseNetrc('machine 127.0.0.1 login me password expired-1');

    it('and has none to give for what is public, gets a netrc login that expired, and then none', async () => {
      const server = await start({
        authorize: ({ secret }) => secret === '',
      });
      const url = new URL(`${server.url}/app.git`);
      const transport = new HttpTransport(url, new HttpClient(), byLogins(netrc, url));
      expect((await listRefs(transport)).refs.size).to.equal(2);
      expect(server.requests.map(({ status, hasAuthorization }) => [status, hasAuthorization])).to.deep.equal([
        [401, true],
        [200, false],
      ]);
      await transport.advertisement('git-upload-pack', 2);
      expect(server.requests.at(-1)?.hasAuthorization, 'it is not asked with that login again').to.equal(false);
    });

    it('and refuses both, fails once and for all', async () => {
      const server = await start({ authorize: () => false });
      const url = new URL(`${server.url}/app.git`);
      const transport = new HttpTransport(url, new HttpClient(), byLogins(netrc, url));
      expect(await failureOf(listRefs(transport))).to.include({ code: 'AccessDenied', transient: false });
      expect(server.requests).to.have.length(2);
    });

    it('of a kind that cannot be given, is named', async () => {
      const server = await start({
        authorize: () => ({ status: 401, headers: { 'www-authenticate': 'Negotiate, NTLM' } }),
      });
      const error = await failureOf(listRefs(transportTo(`${server.url}/app.git`)));
      expect(error.code).to.equal('AccessDenied');
      expect(error.advice).to.include('negotiate or ntlm').and.to.include('not supported');
    });
  });

  describe('that is hostile', () => {
    /** Answers with these bytes, again and again until the other side has had enough. */
    async function endless(part: Buffer): Promise<string> {
      const server = await listen(async (_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
        const forever = function* (): Generator<Buffer> {
          for (;;) yield part;
        };
        await pipeline(Readable.from(forever()), response).catch(() => undefined);
      });
      open.push(server);
      return server.url;
    }

    for (const [what, part] of [
      ['empty lines', Buffer.from('0004'.repeat(1000))],
      ['flushes', Buffer.from('0000'.repeat(1000))],
    ] as const)
      it(`fails soon where it sends ${what} for ever`, async () => {
        const error = await failureOf(listRefs(transportTo(`${await endless(part)}/app.git`)));
        expect(error).to.include({ code: 'ProtocolViolation' });
      });

    it('fails where it sends more than any list of refs holds', async () => {
      const names = Array.from({ length: 500 }, (_, index) => pktLine(`${oid} refs/${'x'.repeat(60_000)}${index}\n`));
      const part = Buffer.concat([pktLine(`${oid} refs/heads/a\0\n`), ...names]);
      const error = await failureOf(listRefs(transportTo(`${await endless(part)}/app.git`)));
      expect(error).to.include({ code: 'TooLarge', transient: false });
    });

    it('is left alone soon where the words of its refusal come one by one for ever', async () => {
      const server = await listen(async (_, response) => {
        response.writeHead(404, { 'content-type': 'text/plain' });
        const drops = async function* (): AsyncGenerator<Buffer> {
          for (;;) {
            await setTimeout(200);
            yield Buffer.from('no ');
          }
        };
        await pipeline(Readable.from(drops()), response).catch(() => undefined);
      });
      open.push(server);
      const error = await failureOf(listRefs(transportTo(`${server.url}/app.git`)));
      expect(error).to.include({ code: 'SourceMissing', transient: false });
    }).timeout(60_000);

    it('has its names cut that cannot be used', async () => {
      const lines = [pktLine(`${oid} refs/heads/a\0\n`), pktLine(`${oid} refs/heads/..${'x'.repeat(60_000)}\n`), flush];
      const server = await listen((_, response) => {
        const headers = { 'content-type': 'application/x-git-upload-pack-advertisement' };
        answerWith(response, { status: 200, headers, body: Buffer.concat(lines) });
        return Promise.resolve();
      });
      open.push(server);
      const { invalidNames } = await listRefs(transportTo(`${server.url}/app.git`));
      expect(invalidNames.map(({ length }) => length)).to.deep.equal([200]);
    });
  });

  it('that says where HEAD is only in the second protocol has refs and HEAD taken from there, of one moment', async () => {
    const path = await createRepository(join(root, 'unborn.git'), { branches: ['topic'], head: 'unborn' });
    const server = await start({
      intercept: async ({ kind }) => {
        if (kind === 'ls-refs') await addCommit(path, { branch: 'later' });
        return false;
      },
    });
    const listed = await listRefs(transportTo(`${server.url}/unborn.git`));
    expect(listed.head).to.deep.equal({ type: 'unborn', ref: 'refs/heads/unborn' });
    expect([...listed.refs.keys()]).to.include('refs/heads/later');
  });
});

describe('the words of a line', () => {
  it('are read whatever their encoding', async () => {
    const lines: string[] = [];
    for await (const packet of readPackets(streamOf(pktLine(Buffer.from('caf\xe9\n', 'latin1')))))
      if (packet.type === 'data') lines.push(textOf(packet.payload));
    expect(lines).to.deep.equal(['caf\\xe9']);
  });
});
