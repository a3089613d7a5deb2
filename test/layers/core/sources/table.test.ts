import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { SourceDefinition } from '#core/sources/definition.ts';
import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import { sourceDefinitions, sources } from '#core/sources/table.ts';

const root = new URL('../../../../', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8');

describe('the table of sources', () => {
  const definitions: readonly SourceDefinition[] = sourceDefinitions;

  it('has each source once', () => {
    expect(new Set(sources).size).to.equal(sources.length);
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
      const tracked = execFileSync(
        'git',
        ['ls-files', 'layers', 'functions', 'scripts', 'terraform', '.github', 'README.md', 'docs/vault-format.md'],
        { cwd: root, encoding: 'utf8' },
      )
        .trim()
        .split('\n');
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

/** Without lines that are comments alone. */
function codeOf(file: string): string {
  if (file.endsWith('.md')) return textOf(file);
  return textOf(file)
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*|#)/.test(line))
    .join('\n');
}
