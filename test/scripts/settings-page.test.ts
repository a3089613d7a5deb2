import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { SourceDefinition } from '#core/sources/definition.ts';
import { gitHubDefinition } from '#core/sources/github/index.ts';
import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import { sharedEntries } from '#core/sources/hosting/secret.ts';
import { sourceDefinitions } from '#core/sources/table.ts';
import { gitHubKeys } from '../../scripts/reference/github-keys.ts';
import { withSettingsTables } from '../../scripts/reference/settings-tables.ts';

const root = new URL('../../', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8');

describe('the page on settings', () => {
  it('has the tables of the schemas: node --import tsx scripts/reference/write.ts writes them again', async () => {
    const page = textOf('docs/settings.md');
    expect(await withSettingsTables(page)).to.equal(page);
  });

  it('has each key of every source with a secret once', async () => {
    const page = textOf('docs/settings.md');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(new Set(rows).size).to.equal(rows.length);
    for (const { name, deployed } of sourceDefinitions as readonly SourceDefinition[]) {
      const keys = Object.keys((await deployed?.secret?.entries?.()) ?? {});
      for (const key of keys) expect(page, `${name}: ${key}`).to.include(`| \`${key}\``);
    }
    for (const { deployed } of hostDefinitions) expect(deployed?.secret).to.have.property('entries');
  });

  it('refuses a page without the marks of its tables', async () => {
    let refused: unknown;
    await withSettingsTables('# Settings\n').catch((error: unknown) => (refused = error));
    expect(refused).to.be.an('error').with.property('message', 'docs/settings.md lacks the marks of its tables');
  });

  it('describes the own keys of GitHub, all of them and no others', async () => {
    const [, entries = ''] =
      /\nconst entries = \{\n(.*?)\n\};\n/s.exec(textOf('layers/core/sources/github/secret.ts')) ?? [];
    const keys = [...entries.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, key]) => key);
    expect(Object.keys(gitHubKeys)).to.have.members(keys).and.have.length.above(9);
    const secret = gitHubDefinition.deployed?.secret;
    for (const key of [...Object.keys(gitHubKeys), ...Object.keys(sharedEntries), 'BACKUP_UNKNOWN']) {
      const problem = await secret?.check(JSON.stringify({ [key]: {} }), 'settings').catch(String);
      expect(problem?.includes(`${key}: is not a setting`), problem ?? key).to.equal(key === 'BACKUP_UNKNOWN');
    }
  });
});
