/** Archives that somebody else put into the vault, with right digests: whatever they hold, nothing of it is run. */
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { restoreToServer } from '#core/repositories/restore/restore-server.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { createRepository, git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { craft, dataOf, type Crafted } from './crafted.ts';
import { expectSame, StoredRepository, type Stored } from './stored-repository.ts';

const run = promisify(execFile);

/** Adds to a mirror; `command` leaves a sign when it is run. */
type Forgery = (files: Record<string, string>, command: string) => void;

const settings = (command: string): string => `[core]
\trepositoryformatversion = 1
\tfsmonitor = ${command}
\tpager = ${command}
\thooksPath = /tmp
\talternateRefsCommand = ${command}
\tsshCommand = ${command}
\tattributesFile = attributes
[filter "evil"]
\tsmudge = ${command}
\tclean = ${command}
\trequired = true
[diff]
\texternal = ${command}
[diff "evil"]
\ttextconv = ${command}
[uploadpack]
\tpackObjectsHook = ${command}
[extensions]
\tpartialClone = origin
[remote "origin"]
\turl = .
\tpromisor = true
\tuploadpack = ${command}
[protocol]
\tallow = always
[alias]
\tlog = !${command}
`;

const refused: Record<string, Forgery> = {
  'a common folder of its own': (files, command) => {
    files['commondir'] = './common\n';
    files['common/config'] = settings(command);
    files['common/HEAD'] = 'ref: refs/heads/main\n';
  },
  'the way to another repository': (files) => (files['gitdir'] = '/somewhere/.git\n'),
  'objects that are elsewhere': (files) => (files['objects/info/alternates'] = '/somewhere/objects\n'),
  'objects that are elsewhere on the web': (files) => (files['objects/info/http-alternates'] = 'http://x/objects\n'),
  'an object that is not in a pack': (files) => (files[`objects/ab/${'c'.repeat(38)}`] = 'x'),
  'an index over several packs': (files) => (files['objects/pack/multi-pack-index'] = 'MIDX'),
  'a bitmap': (files) => (files[`objects/pack/pack-${'a'.repeat(40)}.bitmap`] = 'BITM'),
  'a mark of a promised pack': (files) => (files[`objects/pack/pack-${'a'.repeat(40)}.promisor`] = ''),
  'a pack by another name': (files) => (files['objects/pack/tmp_pack_x.pack'] = 'PACK'),
  'a graph of commits': (files) => (files['objects/info/commit-graph'] = 'CGPH'),
  'a chain of such graphs': (files) => (files['objects/info/commit-graphs/commit-graph-chain'] = 'x\n'),
  grafts: (files) => (files['info/grafts'] = `${'a'.repeat(40)}\n`),
  'a cut-off history': (files) => (files['shallow'] = `${'a'.repeat(40)}\n`),
  attributes: (files) => (files['info/attributes'] = '* filter=evil diff=evil\n'),
  'a sparse checkout': (files) => (files['info/sparse-checkout'] = '/nothing\n'),
  hooks: (files, command) => {
    for (const hook of ['post-checkout', 'pre-receive', 'post-index-change', 'reference-transaction'])
      files[`hooks/${hook}`] = `#!/bin/sh\n${command}\n`;
  },
  'a submodule': (files, command) => (files['modules/evil/config'] = settings(command)),
  'a further working tree': (files, command) => {
    files['worktrees/evil/commondir'] = '../..\n';
    files['worktrees/evil/config.worktree'] = settings(command);
  },
  'settings for a working tree': (files, command) => (files['config.worktree'] = settings(command)),
  'an index': (files) => (files['index'] = 'DIRC'),
  'a reflog': (files) => (files['logs/HEAD'] = 'x\n'),
  'a description': (files) => (files['description'] = 'x\n'),
  'another HEAD': (files) => (files['ORIG_HEAD'] = `${'a'.repeat(40)}\n`),
  'a remote of old': (files) => (files['remotes/origin'] = 'URL: ext::sh\n'),
};

/** What our own archives hold too, and what is made again. */
const ignored: Record<string, Forgery> = {
  'a configuration that runs programs': (files, command) => (files['config'] = settings(command)),
  'a configuration that includes another': (files) => (files['config'] = '[include]\n\tpath = /etc/passwd\n'),
  'a configuration that git cannot read': (files) => (files['config'] = '[[['),
};

describe('a forged archive', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  const taken = new Map<'tar.gz' | 'zip', Stored>();

  before(async () => {
    stored = await StoredRepository.create(await folder(), {
      commits: 2,
      branches: ['topic'],
      files: { '.gitattributes': '* filter=evil diff=evil\n', '.gitmodules': '[submodule "evil"]\n\tpath = evil\n' },
    });
    for (const format of ['tar.gz', 'zip'] as const) taken.set(format, await stored.take({ format, full: true }));
  });

  async function forge(format: 'tar.gz' | 'zip', forgery: Forgery): Promise<{ crafted: Crafted; sign: string }> {
    const place = await folder();
    const sign = join(place, 'sign');
    const command = join(place, 'command');
    await writeFile(command, `#!/bin/sh\ntouch ${sign}\ncat\n`, { mode: 0o755 });
    const original = taken.get(format);
    if (!original) throw new Error('nothing was taken');
    const archive = join(place, `archive.${format}`);
    await writeFile(archive, await dataOf(stored, original));
    const files: Record<string, string> = {};
    forgery(files, command);
    if (format === 'zip') await run('python3', ['-m', 'zipfile', '-e', archive, place]);
    else await run('tar', ['xzf', archive, '-C', place]);
    for (const [name, content] of Object.entries(files)) {
      const file = join(place, 'repository.git', name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { mode: 0o755 });
    }
    const forged = join(place, `forged.${format}`);
    if (format === 'zip') await run('python3', ['-m', 'zipfile', '-c', forged, 'repository.git'], { cwd: place });
    else await run('tar', ['czf', forged, 'repository.git'], { cwd: place });
    return { crafted: craft(stored, original, { data: await readFile(forged) }), sign };
  }

  const waysBack: Record<string, (crafted: Crafted) => Promise<unknown>> = {};
  for (const indexer of ['native', 'javascript'] as const) {
    waysBack[`into a folder by ${indexer}`] = (crafted) => restored(crafted, false, indexer);
    waysBack[`into a working tree by ${indexer}`] = (crafted) => restored(crafted, true, indexer);
    waysBack[`by a drill in ${indexer}`] = async ({ vault, catalogue, prefix, snapshot }) => {
      const { problems } = await drillSnapshot(vault, catalogue, prefix, snapshot, { indexer });
      if (problems.length > 0) throw new Error(problems.join());
    };
  }
  waysBack['onto a server'] = async ({ vault, catalogue, prefix, snapshot }) => {
    const target = new LocalTransport(await createRepository(join(await folder(), 'target.git'), { commits: 0 }));
    const content = await repositoryContent(catalogue, prefix, snapshot);
    return restoreToServer(vault, content, { target, overwrite: [], hidden: [] });
  };

  async function restored(crafted: Crafted, checkout = false, indexer: Indexer = 'native'): Promise<string> {
    const target = join(await folder(), 'restored');
    const content = await repositoryContent(crafted.catalogue, crafted.prefix, crafted.snapshot);
    await restoreToFolder(crafted.vault, content, { target, checkout, indexer });
    return target;
  }

  async function expectNothingRan(crafted: Crafted, sign: string): Promise<void> {
    const entry = (await crafted.catalogue.item(crafted.prefix)).snapshots.find(
      ({ snapshot }) => snapshot === crafted.snapshot,
    );
    if (!entry) throw new Error('the snapshot is not listed');
    await verifySnapshot(crafted.vault, crafted.catalogue, entry);
    expect(await access(sign).catch(() => 'absent')).to.equal('absent');
  }

  const everyWay = Object.values(waysBack);
  const [onlyWay = restored] = everyWay;

  async function expectRefused(format: 'tar.gz' | 'zip', forgery: Forgery, ways: typeof everyWay): Promise<void> {
    const { crafted, sign } = await forge(format, forgery);
    for (const goBack of ways) {
      const failure = await goBack(crafted).then(
        () => 'restored',
        (error: unknown) => String(error),
      );
      expect(failure).to.match(/is refused: it holds/);
    }
    await expectNothingRan(crafted, sign);
  }

  for (const format of ['tar.gz', 'zip'] as const)
    it(`in ${format} is refused, whichever way it is restored, and nothing is run`, () =>
      expectRefused(format, refused['a common folder of its own'] ?? never(), everyWay));

  for (const [what, forgery] of Object.entries(refused))
    it(`with ${what} is refused, and nothing is run`, () => expectRefused('tar.gz', forgery, [onlyWay]));

  for (const [what, forgery] of Object.entries(ignored))
    it(`with ${what} restores without it, and nothing is run`, async () => {
      const { crafted, sign } = await forge('tar.gz', forgery);
      for (const goBack of everyWay) await goBack(crafted);
      const [bare, tree] = [await restored(crafted, false, 'native'), await restored(crafted, true, 'native')];
      // What a person does next.
      await expectSame(bare, (taken.get('tar.gz') ?? never()).source);
      await git(bare, 'log', '-p', '--all', '--textconv');
      await git(tree, 'status');
      expect(await readFile(join(bare, 'config'), 'utf8')).not.to.include('command');
      await expectNothingRan(crafted, sign);
    });

  it('with refs that the manifest does not have is refused', async () => {
    const { crafted } = await forge('tar.gz', (files) => {
      files['refs/heads/more'] = `${taken.get('tar.gz')?.source.refs.get('refs/heads/main') ?? ''}\n`;
    });
    expect((await failureOf(restored(crafted))).message).to.match(/refs\/heads\/more/);
  });

  it('with a ref that names another ref is refused', async () => {
    const { crafted } = await forge('tar.gz', (files) => (files['refs/heads/main'] = 'ref: refs/heads/topic\n'));
    expect((await failureOf(restored(crafted))).code).to.equal('Damaged');
  });
});

function never(): never {
  throw new Error('unreachable');
}

describe('a checkout', () => {
  const folder = useTemporaryFolders();

  it('runs no filter, not even one that the user has, since the vault names it', async () => {
    const home = await folder();
    const sign = join(home, 'sign');
    await gitWith(
      { cwd: home, env: { GIT_CONFIG_GLOBAL: join(home, '.gitconfig') } },
      ...['config', '--global', 'filter.evil.smudge', `touch ${sign}; cat`],
    );
    const stored = await StoredRepository.create(await folder(), {
      files: { '.gitattributes': '* filter=evil\n', 'a.txt': 'text\n' },
    });
    const content = await stored.content(await stored.take());
    const target = join(await folder(), 'restored');
    const usual = process.env['HOME'];
    process.env['HOME'] = home;
    try {
      await restoreToFolder(stored.vault, content, { target, checkout: true, indexer: 'native' });
    } finally {
      process.env['HOME'] = usual;
    }
    expect(await readFile(join(target, 'a.txt'), 'utf8')).to.equal('text\n');
    expect(await access(sign).catch(() => 'absent')).to.equal('absent');
  });
});
