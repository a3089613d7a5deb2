import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../scripts/cli/config/config-file.ts';
import { editorSchema } from '../../scripts/cli/config/editor-schema.ts';
import { stepsOf } from '../../scripts/cli/config/steps.ts';
import { commandLine } from '../../scripts/cli/main.ts';
import { useTemporaryFolders } from '../support/repositories.ts';

describe('the schema of holdfast.json', () => {
  it('is that of the options: node --import tsx scripts/config-schema.ts writes it again', () => {
    const file = fileURLToPath(new URL('../../docs/holdfast.schema.json', import.meta.url));
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(editorSchema(commandLine().commands))),
    );
  });
});

describe('a configuration', () => {
  const folder = useTemporaryFolders();
  const stepsFor = (settings: object) =>
    stepsOf({ backup: [{ source: 'github', ...settings }] }, commandLine().commands, 'holdfast.json');

  it('leaves out what is false, as --no-forks does', () => {
    expect(stepsFor({ owner: 'acme', forks: false, archived: true })).to.deep.equal([
      { command: ['backup', 'github'], args: ['--no-forks', '--', 'acme'] },
    ]);
    expect(() => stepsFor({ forks: 'no' })).to.throw('holdfast.json: backup[0].forks must be true or false');
  });

  it('is taken as the documentation shows it', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/configuration-file.md', import.meta.url)), 'utf8');
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    const file = path.join(await folder(), 'holdfast.json');
    writeFileSync(file, example);
    const steps = stepsOf(await readConfig(file), commandLine().commands, file);
    expect(steps.map(({ command }) => command.join(' '))).to.deep.equal([
      'backup github',
      'backup gitlab',
      'backup git',
      'prune',
      'drill',
    ]);
  });
});
