import { expect } from 'chai';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { events, holdfast } from '../../support/command-line.ts';
import { startGitea } from '../../support/hosts/gitea.ts';
import { startGitLab } from '../../support/hosts/gitlab.ts';
import type { Host } from '../../support/hosts/server.ts';
import { git, refsOf, useTemporaryFolders } from '../../support/repositories.ts';
import { treeDigest } from '../../support/tree-digest.ts';

/** A planted token, searched for in everything that is written and printed. */
const canary = 'glpat-Canary4f9d2b7c6a1e8053';

const hosts = [
  {
    source: 'gitlab',
    start: startGitLab,
    token: 'GITLAB_TOKEN',
    url: 'GITLAB_URL',
    mine: 'refs/merge-requests/1/head',
  },
  { source: 'gitea', start: startGitea, token: 'FORGEJO_TOKEN', url: 'GITEA_URL', mine: 'refs/pull/1/head' },
];

for (const { source, start, token, url, mine } of hosts)
  describe(`holdfast: an account at ${source}`, () => {
    const folder = useTemporaryFolders();
    const printed: string[] = [];
    let place: string;
    let server: Host;

    async function run(args: string[], env: Record<string, string> = { [token]: canary }) {
      const result = await holdfast(args, { cwd: place, env: { [url]: server.url, ...env } });
      printed.push(result.stdout, result.stderr);
      return result;
    }

    before(async () => {
      place = await folder();
      server = await start({
        root: path.join(place, 'host'),
        accounts: [{ name: 'anna' }, { name: 'acme', type: 'group', members: ['anna'] }],
        tokens: { [canary]: 'anna' },
      });
      const website = await server.add('acme/website', { visibility: 'private', pages: {} });
      await git(path.join(server.root, `${website.id}.git`), 'update-ref', mine, 'HEAD');
      await server.add('acme/empty', { shape: { commits: 0 }, wiki: false });
    });

    after(() => server.close());

    it('is stored with its wikis by one command, and costs nothing where nothing changed', async () => {
      const first = await run(['backup', source, 'acme']);
      expect(first.stdout).to.include('3 listed = 3 stored + 0 unchanged + 0 skipped + 0 failed');
      expect(first.code).to.equal(0);
      const second = await run(['backup', source, 'acme']);
      expect(second.stdout).to.include('3 listed = 0 stored + 3 unchanged + 0 skipped + 0 failed');
    });

    it('is listed by --dry-run as it would be stored, and nothing is written', async () => {
      const planned = await run(['backup', source, 'acme', '--dry-run', '--vault', 'planned']);
      expect(planned.stdout).to.match(/^3 items listed: 3 to store, 0 unchanged, .*; nothing was written$/m);
      expect(await readdir(place)).to.not.include('planned');
      const before = await treeDigest(path.join(place, 'vault'));
      const again = await run(['backup', source, 'acme', '--dry-run']);
      expect(again.stdout).to.match(/^3 items listed: 0 to store, 3 unchanged, /m);
      expect(await treeDigest(path.join(place, 'vault'))).to.equal(before);
    });

    it('goes back into the host by its token, without the refs that the host makes itself', async () => {
      const target = await server.add('acme/again', { visibility: 'private', shape: { commits: 0 } });
      const at = new URL(server.url).host;
      const restored = await run(['restore', `${source}/${at}/acme/website`, '--to', `${server.url}/acme/again.git`]);
      expect(restored.code, restored.stderr).to.equal(0);
      const { refs } = await refsOf(path.join(server.root, `${server.byName('acme/website')?.id ?? 0}.git`));
      expect(refs.delete(mine)).to.be.true;
      expect((await refsOf(path.join(server.root, `${target.id}.git`))).refs).to.deep.equal(refs);
    });

    describe('with a login that the user has already', () => {
      let home: string;
      const backup = ['backup', source, 'acme', '--dry-run', '--vault', 'none'];

      beforeEach(async () => {
        home = await folder();
        await mkdir(path.join(home, 'bin'));
        await program('helper', `echo username=anna; echo password=${canary}`);
        await writeFile(path.join(home, '.gitconfig'), `[credential]\n\thelper = ${home}/bin/helper\n`);
      });

      /** A program that keeps what it was asked, and answers the same each time. */
      async function program(name: string, answer: string): Promise<void> {
        const script = `#!/bin/sh\necho "${name} $*" >> '${home}/asked'\n${answer}\n`;
        await writeFile(path.join(home, 'bin', name), script, { mode: 0o755 });
      }

      const env = (): Record<string, string> => ({
        HOME: home,
        PATH: `${path.join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      });

      it("takes that of git's credential helpers", async () => {
        const { stdout, code } = await run(backup, env());
        expect(stdout).to.include('acme/website').and.to.not.include('no token was given');
        expect(code).to.equal(0);
      });

      it('asks nobody with --no-credential-helpers, nor where a token was given', async () => {
        const alone = await run([...backup, '--no-credential-helpers'], env());
        expect(alone.stdout, alone.stderr).to.include('no token was given');
        expect((await run(backup, { ...env(), [token]: canary })).stdout).to.include('acme/website');
        expect(await readdir(home)).to.not.include('asked');
      });

      it('says where a login came from that the host refuses', async () => {
        await program('helper', 'echo username=anna; echo password=wrong');
        const { stdout, code } = await run(backup.slice(0, 3), env());
        expect(stdout).to.match(
          /refuses the login that this machine has for 127\.0\.0\.1:\d+\n.*--no-credential-helpers/,
        );
        expect(code).to.equal(1);
      });

      if (source === 'gitlab')
        it('takes that of glab first', async () => {
          await program('glab', `echo ${canary}`);
          expect((await run(backup, env())).stdout).to.include('acme/website');
          const asked = await readFile(path.join(home, 'asked'), 'utf8');
          expect(asked).to.equal(`glab config get token --host ${new URL(server.url).host}\n`);
        });
    });

    it('is taken as far as it is public without a token, which is said', async () => {
      const { stdout, code } = await run(['backup', source, 'acme', '--json', '--vault', 'public'], {});
      expect(code).to.equal(0);
      const report = events(stdout).find(({ event }) => event === 'report');
      expect(report?.['coverage']).to.include({ listed: 1, stored: 1 });
      expect(JSON.stringify(report?.['warnings'])).to.include('no token was given');
    });

    it('is refused with the next step where the token is wrong or nothing says where it is', async () => {
      const wrong = await run(['backup', source, 'acme', '--vault', 'other'], { [token]: 'glpat-wrong' });
      expect(wrong.code).to.equal(1);
      expect(wrong.stdout + wrong.stderr).to.include('replace it with a valid one');
      const plain = await run(['backup', source, 'acme', '--url', 'http://git.example'], { [token]: canary });
      expect(plain.code).to.not.equal(0);
      expect(plain.stderr).to.include('is not https');
    });

    it('leaves the token nowhere', async () => {
      const entries = await readdir(path.join(place, 'vault'), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
      const contents = await Promise.all(files.map((file) => readFile(file, 'latin1')));
      for (const text of [...printed, ...contents]) {
        expect(text).to.not.include(canary);
        expect(text).to.not.include(Buffer.from(canary).toString('base64').slice(0, 24));
      }
    });
  });
