import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '#core/runtime/errors.ts';
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
  if (/^[\w.-]+@[\w.-]+:/.test(text) || /^(ssh|git|git\+ssh|ftp|ftps):\/\//i.test(text))
    throw new HoldfastError(
      'Usage',
      `${withoutPassword(text)} is reached by ssh or another protocol that is not supported`,
      {
        advice: 'Give the https address of the repository, and put credentials into ~/.netrc.',
      },
    );
  if (/^file:\/\//i.test(text)) return folderAddress(fileURLToPath(text));
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return folderAddress(text);
  return urlAddress(text);
}

function urlAddress(text: string): GitAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new HoldfastError('Usage', `${withoutPassword(text)} is not the address of a Git repository`, {
      advice: 'Give an https URL or a folder.',
    });
  if (url.username !== '' || url.password !== '')
    throw new HoldfastError('Usage', `the address ${withoutPassword(text)} holds a user name or password`, {
      advice: `Addresses end up in logs and in the vault. Put it into ~/.netrc instead: machine ${url.hostname} login <user> password <password>`,
    });
  url.hash = '';
  url.search = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  const segments = url.pathname
    .replace(/\.git$/, '')
    .split('/')
    .filter(Boolean)
    .map(decoded);
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
  if (segments.length === 0) throw new HoldfastError('Usage', 'the root folder is no Git repository');
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
  return JSON.stringify(text.replace(/\/\/[^/@]*@/, '//***@'));
}
