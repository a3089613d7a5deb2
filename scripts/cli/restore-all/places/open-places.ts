import { HoldfastError } from '#core/runtime/errors.ts';
import { isLocalPath } from '#core/runtime/local-path.ts';
import { notAnAddress } from '#core/sources/git/address.ts';
import { checkRegion } from '#core/sources/region.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { Context } from '../../context.ts';
import { Folders } from './folders.ts';
import type { Places } from './place.ts';
import { Urls } from './urls.ts';

/** Where many things can go, as it is written after `--to`. */
export type AllTarget =
  | { sort: 'folder'; folder: string }
  | { sort: 'urls'; url: string }
  | { sort: 'github'; owner: string; repository?: string | undefined }
  | { sort: 'codecommit'; region: string }
  | { sort: 'codeartifact'; domain: string };

/** @throws {HoldfastError} Usage for what is none of them */
export function parseAllTarget(to: string): AllTarget {
  const atGitHub = gitHubTarget(to);
  if (atGitHub) return atGitHub;
  const [, service, name = ''] = /^(codecommit|codeartifact)::?([^:/]+)\/?$/.exec(to) ?? [];
  if (service === 'codecommit') return { sort: 'codecommit', region: checkRegion(name) };
  if (service === 'codeartifact') return { sort: 'codeartifact', domain: name };
  if (/^(https?|file):\/\//i.test(to)) return { sort: 'urls', url: to };
  if (to === '' || !isLocalPath(to)) throw to === '' ? noTarget() : notAnAddress(to);
  if (to.endsWith('.bundle'))
    throw new HoldfastError('Usage', 'one bundle holds one repository, and --all restores many', {
      advice: 'Name a folder; --bundles puts a bundle for each repository into it.',
    });
  return { sort: 'folder', folder: to };
}

/** `github:<owner>`, or `github:<owner>/<name>` for one repository; undefined for anything else. */
export function gitHubTarget(to: string): Extract<AllTarget, { sort: 'github' }> | undefined {
  const [, owner, repository] = /^github::?([^:/]+)(?:\/([^:/]+))?\/?$/.exec(to) ?? [];
  return owner === undefined ? undefined : { sort: 'github', owner, repository };
}

export function noTarget(): HoldfastError {
  return new HoldfastError('Usage', 'a restore needs --to <target>', {
    advice: 'holdfast restore --help lists what it can be.',
  });
}

/** Where repositories go. @throws {HoldfastError} as the place says */
export async function openPlaces(context: Context, flags: RestoreFlags & { to: string }): Promise<Places> {
  const target = parseAllTarget(flags.to);
  switch (target.sort) {
    case 'folder':
      return new Folders(context.vault, target.folder, flags.bundles);
    case 'urls':
      return new Urls(context, target.url, flags);
    case 'github': {
      const { GitHubRepositories } = await import('./github.ts');
      return GitHubRepositories.open(context, target, flags);
    }
    case 'codecommit': {
      // With the SDK.
      const { CodeCommitRepositories } = await import('./codecommit.ts');
      return new CodeCommitRepositories(context, target.region, flags);
    }
    case 'codeartifact':
      throw new HoldfastError('Usage', 'CodeArtifact takes no Git repositories');
  }
}
