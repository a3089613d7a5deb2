/** A temporary folder of a suite's own, in which nothing may be left. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

/**
 * For the body of a `describe`: what the program puts into its temporary folder must be gone after each test,
 * whatever became of its task.
 */
export function expectNoScratch(): void {
  const usual = process.env['TMPDIR'];
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    process.env['TMPDIR'] = folder;
  });

  // Folders of the tests themselves stay until the end of the suite.
  afterEach(async () => {
    const left = (await readdir(folder)).filter((name) => !name.startsWith('holdfast-test-'));
    expect(left).to.deep.equal([]);
  });

  after(async () => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
}
