import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether a text names a place on this machine. Absolute paths do, and those that begin with `./` or `../`; of the rest
 * those whose first name holds no `:` or `@`, is not the name of a protocol, and is not followed by a path while it looks like a host, as in
 * `github.com/acme/website`, unless there is such a folder. So no address that was mistyped, or that another program
 * would understand, is ever taken for a folder to be made.
 */
export function isLocalPath(text: string): boolean {
  if (text === '' || text.includes('\0')) return false;
  if (path.isAbsolute(text) || /^\.{1,2}([/\\]|$)/.test(text)) return true;
  const [first = '', ...rest] = text.split(/[/\\]/);
  if (/[:@]/.test(first) || first === '~' || /^(https?|s3|file|ssh)$/i.test(first)) return false;
  const looksLikeHost = rest.length > 0 && /^([a-z0-9-]+\.)+[a-z]{2,}$/i.test(first) && !first.endsWith('.git');
  return !looksLikeHost || existsSync(first);
}
