/** What these tests need of the machine; where it is missing they are left out by name. */
import { spawnSync } from 'node:child_process';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** True, or why real trees cannot be copied here with all that they have. */
function copies(): true | string {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root: owners cannot be changed otherwise';
  const missing = ['rsync', 'setfattr', 'setfacl'].filter((program) => !has(program));
  return missing.length === 0 || `needs ${missing.join(', ')}: apt-get install rsync attr acl`;
}

/** A suite of tests that copy real trees. */
export function describeCopies(title: string, body: () => void): void {
  const possible = copies();
  describe(possible === true ? title : `${title} (left out: ${possible})`, () => {
    before(function () {
      if (possible !== true) this.skip();
    });
    body();
  });
}

/** Whether this process may mount a small file system; it is gone again at once. */
export function mayMount(folder: string): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', 'none', folder], { stdio: 'ignore' }).status !== 0) return false;
  return spawnSync('umount', [folder], { stdio: 'ignore' }).status === 0;
}
