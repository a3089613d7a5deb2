import { HoldfastError } from '#core/runtime/errors.ts';
import { isLocalPath } from '#core/runtime/local-path.ts';
import { isCodeCommitAddress } from '#core/sources/codecommit/addresses.ts';
import { notAnAddress } from '#core/sources/git/address.ts';
import { gitHubAddresses, isTrusted } from '#core/sources/github/addresses.ts';
import type { RestoreFlags } from './options.ts';
import type { RestoreSort } from './scope.ts';

/** Where a repository can go. */
export type RepositoryTarget = Extract<RestoreSort, 'folder' | 'bundle' | 'local' | 'server' | 'github' | 'codecommit'>;

/**
 * Where a repository is to be restored. A folder is only made where the text is a path.
 * @throws {HoldfastError} Usage, with the right form of the address where it can be told
 */
export function repositoryTarget(
  to: string,
  { apiUrl, secret }: Pick<RestoreFlags, 'apiUrl' | 'secret'>,
): RepositoryTarget {
  if (to === '') throw emptyTarget();
  if (isCodeCommitAddress(to)) return 'codecommit';
  if (/^https?:\/\//i.test(to)) {
    // With a secret its own API address decides, once it is read.
    const atGitHub = secret !== undefined || (URL.canParse(to) && isTrusted(gitHubAddresses(apiUrl), new URL(to)));
    return atGitHub ? 'github' : 'server';
  }
  if (/^file:\/\//i.test(to)) return 'local';
  if (!isLocalPath(to)) throw notAnAddress(to);
  return to.endsWith('.bundle') ? 'bundle' : 'folder';
}

/** A registry is `<domain>/<repository>`; what begins as a path does, or does not have exactly one slash, is a folder. */
export function packagesTarget(to: string): Extract<RestoreSort, 'packages-folder' | 'packages-registry'> {
  if (to === '') throw emptyTarget();
  const [domain, repository, ...more] = to.split('/');
  if (!/^[./~]/.test(to) && more.length === 0 && domain && repository) return 'packages-registry';
  if (isLocalPath(to)) return 'packages-folder';
  throw new HoldfastError('Usage', `${JSON.stringify(to)} is neither a repository of CodeArtifact nor a folder`, {
    advice: 'Write <domain>/<repository>, with --region and --domain-owner where they differ, or the path of a folder.',
  });
}

function emptyTarget(): HoldfastError {
  return new HoldfastError('Usage', '--to is empty', { advice: 'holdfast restore --help lists what it can be.' });
}
