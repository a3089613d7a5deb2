import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '#core/runtime/errors.ts';
import { isLocalPath } from '#core/runtime/local-path.ts';
import { keepLoginIn, loginIn } from '#core/runtime/redact.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';

/** A repository that was named by its URL or folder. */
export interface GitAddress {
  item: ManifestItem;
  /** Where to reach it: a URL over HTTP, or a folder. */
  location: { url: URL } | { folder: string };
}

/**
 * Understands `https://…`, `http://…`, `file://…` and folders. The id is the address in its simplest form, so that
 * `https://Host/a.git/` and `https://host/a` are one item.
 * @throws {HoldfastError} Usage; its message never repeats a password
 */
export function parseGitAddress(text: string): GitAddress {
  keepLoginIn(text);
  if (text.trim() === '')
    throw new HoldfastError('Usage', 'the address of a repository is empty', {
      advice: 'Give an https URL or a folder; the current folder is written as a dot.',
    });
  if (/^file:\/\//i.test(text)) return folderAddress(fileURLToPath(text));
  if (/^https?:\/\//i.test(text)) return urlAddress(text);
  if (isLocalPath(text)) return folderAddress(text);
  throw notAnAddress(text);
}

/**
 * Says of an address that is not understood in which form it would be.
 */
export function notAnAddress(text: string): HoldfastError {
  const form = rightForm(text);
  const folder =
    /^[^:]+$/.test(text) && !text.startsWith('~') ? ` For a folder of this name: ./${withoutPassword(text)}` : '';
  return new HoldfastError('Usage', `${JSON.stringify(withoutPassword(text))} ${problemOf(text)}`, {
    advice:
      form === undefined
        ? `Give an https URL or a folder; a folder whose name looks like an address begins with ./`
        : `Write ${withoutPassword(form)} instead${/^https/.test(form) ? '; credentials go into ~/.netrc' : ''}.${folder}`,
  });
}

function problemOf(text: string): string {
  if (/^(ssh|git|git\+ssh|ftp|ftps):\/\//i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text))
    return 'is reached by ssh or another protocol that is not supported';
  if (/^s3:/i.test(text)) return 'is a place for a vault, not for a repository';
  return 'is not the address of a Git repository';
}

/** The hosts that tools of GitHub and GitLab abbreviate. */
const shorthands = new Map([
  ['gh', 'github.com'],
  ['github', 'github.com'],
  ['gl', 'gitlab.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
]);

/** The form in which a common address would be understood; undefined where there is none. */
function rightForm(text: string): string | undefined {
  const [, shorthand = '', below] = /^([a-z]+):(?!\/\/)([\w.-]+\/[\w./-]+)$/i.exec(text) ?? [];
  const known = shorthands.get(shorthand.toLowerCase());
  if (known !== undefined && below !== undefined) return `https://${known}/${below}`;
  const [, host, where] =
    /^(?:ssh|git|git\+ssh|ftps?):\/\/(?:[^/@]*@)?([\w.-]+)(?::\d+)?\/(.+)$/i.exec(text) ??
    /^[\w.-]+@([\w.-]+):(?!\/\/)\/?(.+)$/.exec(text) ??
    /^(?!(?:https?|s3|file|codecommit):)([\w.-]{2,}):(?!\/\/)(?!\d+(?:\/|$))\/?(.+)$/i.exec(text) ??
    /^https?:?\/?\/?([\w-]+(?:\.[\w-]+)+)\/(.+)$/i.exec(text) ??
    /^((?:[\w-]+\.)+[a-z]{2,})[/\\](.+)$/i.exec(text) ??
    [];
  if (host !== undefined && where !== undefined) return `https://${host}/${where}`;
  const [, name] = /^codecommit:.*?([\w.-]+)$/i.exec(text) ?? [];
  if (name !== undefined) return `codecommit::<region>://${name}`;
  const [, file] = /^file:\/*(\/.+)$/i.exec(text) ?? [];
  return file === undefined ? undefined : `file://${file}`;
}

function urlAddress(text: string): GitAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new HoldfastError(
      'Usage',
      `${JSON.stringify(withoutPassword(text))} is not the address of a Git repository`,
      {
        advice: 'Give an https URL or a folder.',
      },
    );
  if (url.username !== '' || url.password !== '' || loginIn(text) !== undefined)
    throw new HoldfastError(
      'Usage',
      `the address ${JSON.stringify(withoutPassword(text))} holds a user name or password`,
      {
        advice: `Addresses end up in logs and in the vault. Put it into ~/.netrc instead: machine ${url.hostname} login <user> password <password>`,
      },
    );
  if (url.search !== '' || url.hash !== '')
    throw new HoldfastError('Usage', `the address ${JSON.stringify(withoutPassword(text))} holds more than a path`, {
      advice: 'What follows a ? or # does not name a repository: leave it out.',
    });
  url.pathname = url.pathname.replace(/\/+$/, '');
  const segments = url.pathname
    .replace(/\.git$/, '')
    .split('/')
    .filter(Boolean)
    .map(decoded);
  if (segments.some((segment) => segment.includes('/')))
    throw new HoldfastError(
      'Usage',
      `${url.href} holds an escaped slash, so it could be taken for another repository`,
      {
        advice: 'Write the slash itself where it separates parts of the path.',
      },
    );
  if (segments.length === 0) throw new HoldfastError('Usage', `${url.href} names a host but no repository`);
  const id = `${url.protocol}//${url.host}/${segments.join('/')}`;
  return {
    item: { source: 'git', id, path: [url.host, ...segments], name: `${url.host}/${segments.join('/')}` },
    location: { url },
  };
}

function folderAddress(text: string): GitAddress {
  const folder = path.resolve(text);
  const segments = folder.split(path.sep).filter(Boolean);
  if (segments.length === 0) throw new HoldfastError('Usage', 'the root folder is not a Git repository');
  // A folder has no host: the first name is empty.
  return { item: { source: 'git', id: folder, path: ['', ...segments], name: folder }, location: { folder } };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function withoutPassword(text: string): string {
  return text.replace(loginIn(text) ?? /(?!)/, '***');
}
