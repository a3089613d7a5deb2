import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commandLinePage } from '../../scripts/reference/command-line-page.ts';

const stored = (): Promise<string> =>
  readFile(fileURLToPath(new URL('../../docs/command-line.md', import.meta.url)), 'utf8');

describe('the page on the command line', () => {
  it('is made of the help of each command: node --import tsx scripts/reference/write.ts writes it again', async () => {
    expect(await stored()).to.equal(commandLinePage());
  });

  it('shows commands below commands and their examples, and none that only a deployment starts', () => {
    const page = commandLinePage();
    expect(page).to.include('### `backup github`').and.to.include('# an organisation');
    expect(page).not.to.include('efs-task');
  });

  it('is the same on every machine', () => {
    const page = commandLinePage();
    expect(page).not.to.match(/\d+\.\d+\.\d+ \(/);
  });
});
