import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { useTemporaryFolders } from '../support/repositories.ts';

const source = fileURLToPath(new URL('../../terraform', import.meta.url));

function foldersIn(parent: string): string[] {
  return readdirSync(path.join(source, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`);
}

const configurations = ['.', 'bootstrap', ...foldersIn('modules'), ...foldersIn('examples')];
const hasTerraform = spawnSync('terraform', ['version']).status === 0;

describe(`terraform${hasTerraform ? '' : ' (skipped: needs terraform 1.11 or newer)'}`, function () {
  this.timeout(900_000);
  const folder = useTemporaryFolders();
  let copy: string;

  before(async function () {
    if (!hasTerraform) this.skip();
    // In a copy, since Terraform leaves its providers and locks where it works.
    copy = path.join(await folder(), 'terraform');
    await cp(source, copy, { recursive: true, filter: (name) => !name.includes('.terraform') });
    // Where a build would be.
    await cp(path.join(source, 'tests/artifacts'), path.join(copy, '../dist'), { recursive: true });
  });

  function terraform(configuration: string, ...args: string[]): void {
    const { status, stdout, stderr } = spawnSync('terraform', [`-chdir=${path.join(copy, configuration)}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    expect(status, stdout + stderr).to.equal(0);
  }

  /** Where the registry cannot be reached, and no copy of the provider is configured, nothing can be validated. */
  function needsProvider(context: Mocha.Context): void {
    const { status, stderr } = spawnSync(
      'terraform',
      [`-chdir=${path.join(copy, 'modules/function')}`, 'init', '-backend=false'],
      {
        encoding: 'utf8',
      },
    );
    if (status === 0 || !/could not connect|no such host/.test(stderr)) return;
    context.test!.title += ' (skipped: needs the registry of providers, or TF_CLI_CONFIG_FILE with a copy of them)';
    context.skip();
  }

  it('hands every setting to the module, and puts out all that it puts out', async () => {
    const declared = async (kind: string, folder: string, file: string): Promise<string[]> => {
      const text = await readFile(path.join(source, folder, file), 'utf8');
      return [...text.matchAll(new RegExp(`^${kind} "(\\w+)"`, 'gm'))].map(([, name = '']) => name);
    };
    const settings = await declared('variable', 'modules/holdfast', 'variables.tf');
    // Tags are the provider's.
    expect(await declared('variable', '.', 'variables.tf')).to.have.members([...settings, 'tags']);
    const passed = await readFile(path.join(source, 'main.tf'), 'utf8');
    for (const name of settings) expect(passed).to.match(new RegExp(`^ +${name} += var\\.${name}$`, 'm'));
    expect(await declared('output', '.', 'outputs.tf')).to.have.members(
      await declared('output', 'modules/holdfast', 'outputs.tf'),
    );
  });

  it('is formatted as terraform fmt has it', () => terraform('.', 'fmt', '-check', '-recursive', '-diff'));

  for (const configuration of configurations) {
    it(`${configuration}: is valid, and its own tests pass`, function () {
      needsProvider(this);
      terraform(configuration, 'init', '-backend=false', '-input=false', '-no-color');
      terraform(configuration, 'validate', '-no-color');
      terraform(configuration, 'test', '-no-color');
    });
  }
});
