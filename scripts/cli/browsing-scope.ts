import { HoldfastError } from '#core/runtime/errors.ts';
import { refuseInapplicable, type GivenOptions, type Scope } from './applicable.ts';
import { isEfs } from './efs/is-efs.ts';

type Sort = 'repository' | 'package';

const scope: Scope<Sort> = {
  sorts: { repository: 'a repository', package: 'a package' },
  options: {
    ref: { for: ['repository'], what: 'names a branch, tag or commit' },
    recursive: { for: ['repository'], what: 'lists the folders of a repository' },
    files: { for: ['repository'], what: 'compares the files of a repository; the assets of a package always are' },
  },
};

/** @throws {HoldfastError} Usage for an option that an item of this sort does not have */
export function refuseForeignOptions(given: GivenOptions, isRepository: boolean): void {
  refuseInapplicable(scope, given, isRepository ? 'repository' : 'package');
}

/** @throws {HoldfastError} Usage: snapshots of file systems are folders on a file system, and not in a vault */
export function refuseFileSystem(verb: string, typed: string): void {
  if (!isEfs(typed)) return;
  throw new HoldfastError('Usage', `${verb} looks into a vault, and the snapshots of ${typed} are on a file system`, {
    advice: `holdfast show ${typed} lists them; holdfast restore ${typed} --path … brings a folder back.`,
  });
}
