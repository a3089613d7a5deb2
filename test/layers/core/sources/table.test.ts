import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { waysOf } from '#core/run/kinds/table.ts';
import type { SourceDefinition } from '#core/sources/definition.ts';
import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import { sourceDefinitions, sources } from '#core/sources/table.ts';
import { backupCommand } from '../../../../scripts/cli/commands/backup/command.ts';
import { kindsOnCommandLine } from '../../../../scripts/cli/kinds/table.ts';

const root = new URL('../../../../', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8');

describe('the table of sources', () => {
  const definitions: readonly SourceDefinition[] = sourceDefinitions;

  it('has each source once', () => {
    expect(new Set(sources).size).to.equal(sources.length);
  });

  it('has a verb of backup for each source, of its name', () => {
    expect(backupCommand().commands.map((command) => command.name())).to.have.members(sources);
  });

  it('is what Terraform knows of sources, beside EFS, which is none', () => {
    const known = JSON.parse(textOf('terraform/sources.json')) as {
      names: Record<string, string>;
      git_hosts: string[];
    };
    const deployed = definitions.filter(({ deployed }) => deployed);
    const labels = Object.fromEntries(deployed.map(({ name, label }) => [name, label]));
    expect(known.names).to.deep.equal({ ...labels, efs: 'EFS' });
    expect(known.git_hosts).to.deep.equal(hostDefinitions.map(({ name }) => name));
  });

  it('says of every item which kind it is of, among those that feed on the source', () => {
    for (const definition of definitions)
      for (const path of [['a'], ['a', 'b'], ['a', 'b', 'wiki'], ['a', 'b', 'c', 'd']])
        expect(definition.kinds, `${definition.name}/${path.join('/')}`).to.include(definition.kindOf(path));
  });
});

describe('names of sources and kinds', () => {
  const files = trackedFiles('layers/core', 'functions', 'scripts').filter(
    (file) => file.endsWith('.ts') && !/^scripts\/(?:bench|campaign)\//.test(file),
  );
  const lines = files.flatMap((file) =>
    codeOf(file)
      .split('\n')
      .map((line) => ({ file, line })),
  );
  const kinds = Object.keys(kindsOnCommandLine);
  const quoted = (names: readonly string[]): string => `['"\`](?:${names.join('|')})['"\`]`;
  const compared = (names: readonly string[]): RegExp =>
    new RegExp(
      `(?:[!=]==|\\bcase|\\.(?:startsWith|includes|has)\\() *${quoted(names)}|new Set\\(\\[.*${quoted(names)}`,
    );

  /** Where a source's name may stand outside of its folder, and why. */
  const elsewhere: Readonly<Record<string, string>> = {
    'scripts/cli/commands/restore/': 'targets of a restore, which are called as their hosts',
    'scripts/cli/restore-all/': 'targets of a restore of many',
    'scripts/cli/kinds/': 'to which targets a kind goes',
    'layers/core/run/html/page.ts': 'of packages only what is new is stored',
    'layers/core/sources/git/address.ts': 'what people write for a host: `gitlab:owner/name`',
  };

  it('of sources stand in their folders, and elsewhere only where they name something else', () => {
    // `git` is a program as well.
    const names = sources.filter((name) => name !== 'git');
    const found = lines
      .filter(({ line }) => new RegExp(quoted(names)).test(line))
      .filter(({ file }) => !names.some((name) => file.startsWith(`layers/core/sources/${name}/`)));
    const allowed = Object.keys(elsewhere);
    expect(found.filter(({ file }) => !allowed.some((start) => file.startsWith(start)))).to.deep.equal([]);
    const used = allowed.filter((start) => found.some(({ file }) => file.startsWith(start)));
    expect(used, 'the reasons that are still needed').to.deep.equal(allowed);
  });

  it('of sources are nowhere compared with that of an item', () => {
    const found = lines.filter(
      ({ file, line }) => /\bsource\b *[!=]== *['"`]/.test(line) && !/^layers\/core\/sources\/[a-z]+\//.test(file),
    );
    expect(found.map(({ file }) => file)).to.deep.equal(['layers/core/run/html/page.ts']);
  });

  it('of kinds are compared nowhere: what differs, the objects of kinds say', () => {
    const found = lines
      .filter(({ line }) => compared(kinds).test(line))
      // Those of data objects in a manifest, and folders of git-lfs, are called alike.
      .filter(({ line }) => !/\bformat\b *=== 'records'/.test(line) && !/\bname === 'lfs'/.test(line))
      .filter(({ file }) => !/^layers\/core\/sources\/[a-z]+\//.test(file));
    expect(found).to.deep.equal([]);
  });

  it('of file systems are recognised by what serves them alone', () => {
    const found = lines.filter(({ line }) => compared(['efs', 'efs/']).test(line));
    expect(found.filter(({ file }) => !file.startsWith('scripts/cli/efs/'))).to.deep.equal([]);
    expect(found).to.have.length(2);
  });

  it('are found where they are compared', () => {
    for (const line of [
      "kindOf(item) !== 'records'",
      "case 'lfs':",
      "name.startsWith('packages')",
      "new Set(['a', 'lfs'])",
    ])
      expect(compared(kinds).test(line), line).to.equal(true);
    expect(compared(kinds).test("many: 'records'")).to.equal(false);
  });
});

describe('the ways in which snapshots come', () => {
  it('follow from the events of a source and from its kinds', () => {
    expect(waysOf('github')).to.deep.equal({ byEvents: false, byClaims: false });
    expect(waysOf('codecommit')).to.deep.equal({ byEvents: true, byClaims: false });
    expect(waysOf('codeartifact')).to.deep.equal({ byEvents: true, byClaims: true });
    expect(waysOf('of-a-later-version')).to.deep.equal({ byEvents: false, byClaims: false });
  });
});

describe('a Git host', () => {
  it('can be deployed with the settings that GitHub has', () => {
    const variables = textOf('terraform/modules/holdfast/variables.tf');
    const typeOf = (name: string): string[] => {
      const [, type = ''] =
        new RegExp(`variable "${name}" \\{.*?\n  type = (.*?)\n  default `, 's').exec(variables) ?? [];
      return type.split('\n').slice(1, -1);
    };
    expect(typeOf('git_hosts')).to.deep.equal(typeOf('github')).and.have.length.above(10);
  });

  const guide = textOf('CONTRIBUTING.md').split('## To add a source')[1]?.split('\n## ')[0] ?? '';
  const list = /touches these files,[^:]*:([^.]*(?:\.\w[^.]*)*)\./.exec(guide)?.[1] ?? '';
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  /** `gitlab:owner/name` is an address of plain Git, and was there before the source. */
  const shorthands = 'layers/core/sources/git/address.ts';

  it('touches at most four files outside of its folder', () => {
    expect(named).to.have.length.within(1, 4);
  });

  for (const { name } of hostDefinitions)
    it(`touches only the files that the guide names: ${name}`, () => {
      const tracked = trackedFiles(
        'layers',
        'functions',
        'scripts',
        'terraform',
        '.github',
        'README.md',
        'docs/vault-format.md',
      );
      const others = tracked.filter(
        (file) =>
          !file.startsWith(`layers/core/sources/${name}/`) &&
          !/\/(?:tests|examples)\/|\.example$/.test(file) &&
          file !== shorthands,
      );
      const touching = others.filter((file) => new RegExp(`(?<![\\w.])${name}(?![\\w.])`).test(codeOf(file)));
      expect(touching).to.have.members(named);
    });
});

function trackedFiles(...below: string[]): string[] {
  return execFileSync('git', ['ls-files', ...below], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
}

/** Without lines that are comments alone. */
function codeOf(file: string): string {
  if (file.endsWith('.md')) return textOf(file);
  return textOf(file)
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*|#)/.test(line))
    .join('\n');
}
