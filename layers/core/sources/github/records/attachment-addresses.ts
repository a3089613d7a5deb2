import { isLoopback } from '../../hosting/address.ts';
import type { GitHubAddresses } from '../addresses.ts';

/** Images of before 2023, which all may see. */
const publicImages = 'https://user-images.githubusercontent.com';

/**
 * Where GitHub puts what people drop into a text, in each form that it had, below the origin of its web pages:
 * `/user-attachments/assets/<id>`, `/user-attachments/files/<number>/<name>`, `/<owner>/<repository>/assets/<number>/<id>`,
 * `/<owner>/<repository>/files/<number>/<name>`.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/attaching-files
 */
const onPages =
  /^\/(?:user-attachments\/assets\/[\w-]+|user-attachments\/files\/\d+\/[^/]+|[\w.-]+\/[\w.-]+\/assets\/\d+\/[\w-]+|[\w.-]+\/[\w.-]+\/files\/\d+\/[^/]+)$/;

/** What may be an address, up to what ends one in Markdown and HTML. */
const address = /https?:\/\/[^\s"'<>()[\]\\]+/g;

/** A text may hold hundreds of kilobytes of them. */
const mostInOneText = 200;

/** The addresses of attachments that a text holds, each once, without query and fragment; of no host but GitHub's own. */
export function addressesOfAttachments(addresses: GitHubAddresses, text: string): URL[] {
  const found = new Map<string, URL>();
  for (const [written] of text.matchAll(address)) {
    if (found.size === mostInOneText) break;
    const plain = written.replace(/[.,;:!?*_~]+$/, '');
    const url = URL.canParse(plain) ? new URL(plain) : undefined;
    if (!url || url.username !== '' || url.password !== '' || !isAttachment(addresses, url)) continue;
    url.search = '';
    url.hash = '';
    found.set(url.href, url);
  }
  return [...found.values()];
}

function isAttachment({ webOrigin }: GitHubAddresses, { origin, pathname }: URL): boolean {
  return origin === webOrigin ? onPages.test(pathname) : origin === publicImages && pathname.length > 1;
}

/** Whether GitHub may send there for an attachment: to another form of the address, and to where it stores files. */
export function isStorage(addresses: GitHubAddresses, url: URL): boolean {
  if (isAttachment(addresses, url)) return true;
  const web = new URL(addresses.webOrigin);
  if (isLoopback(web.hostname)) return isLoopback(url.hostname);
  if (url.protocol !== 'https:' || url.port !== '') return false;
  const { hostname } = url;
  return (
    hostname.endsWith('.githubusercontent.com') ||
    hostname.endsWith(`.${web.hostname}`) ||
    // https://docs.github.com/en/get-started/using-github/troubleshooting-connectivity-problems
    /^github-(?:cloud|production-[a-z0-9-]+)\.s3\.amazonaws\.com$/.test(hostname)
  );
}
