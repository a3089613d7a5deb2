import { defuse, harmlessAddress, type DefuseOptions } from './defuse.ts';
import { markerLine, type Marker } from './marker.ts';

/** The most that GitHub takes as the text of an issue or a comment, in characters. */
const longest = 65_536;

/** So long are the parts of a text that is too long: harmless it is at most twice as long, and the head comes to it. */
const partLength = 30_000;

export interface Original {
  author: string | undefined;
  /** What the author did: `opened this issue`. */
  did: string;
  /** As GitHub writes it: `2026-01-01T00:01:00Z`. */
  at: string | undefined;
  /** Where it was. */
  url: string | undefined;
  /** Further lines of the head, in Markdown. */
  more: readonly string[];
  text: string;
}

/** A text and what it is called, as it is posted. */
export interface Post {
  of: string;
  body: string;
}

/**
 * What is posted in place of an original: who wrote it and when, since the service knows only who restores it now, and the
 * text. One that is longer than GitHub takes becomes several.
 */
export function compose(
  marker: Omit<Marker, 'sort'>,
  original: Original,
  options: DefuseOptions & { longest?: number },
): [Post, ...Post[]] {
  const head = [headLine(original, options), ...original.more].map((line) => `> ${line}`).join('\n');
  const make = (of: string, first: string, text: string): Post => ({
    of,
    body: [`${markerLine({ ...marker, sort: 'restored', of })}\n${first}`, defuse(text, options)]
      .filter((part) => part.trim() !== '')
      .join('\n\n'),
  });
  const whole = make(marker.of, head, original.text);
  if (whole.body.length <= (options.longest ?? longest)) return [whole];
  const [first = '', ...more] = partsOf(original.text);
  return [
    make(marker.of, head, first),
    ...more.map((text, at) =>
      make(`${marker.of}#${at + 2}`, `> ${code(original.author)} continued, part ${at + 2}`, text),
    ),
  ];
}

function headLine({ author, did, at, url }: Original, { webHost }: DefuseOptions): string {
  const when = at === undefined ? '' : ` on ${readable(at)}`;
  const link = url === undefined ? '' : ` · [original](${harmlessAddress(url, webHost)})`;
  return `${code(author)} ${did}${when}${link}`;
}

/** In code no name is a mention. */
export function code(text: string | undefined): string {
  return `\`${(text ?? 'ghost').replace(/[`\s]+/g, ' ').trim()}\``;
}

/** `2026-01-01T00:01:00Z` as `2026-01-01 00:01 UTC`. */
export function readable(time: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(time) ? `${time.slice(0, 10)} ${time.slice(11, 16)} UTC` : time;
}

/** Cut at the end of a line or word where there is one, and within no character. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > partLength) {
    const some = rest.slice(0, partLength);
    const end = Math.max(some.lastIndexOf('\n'), some.lastIndexOf(' '));
    const isHalf = /[\ud800-\udbff]$/.test(some);
    const cut = end > partLength / 2 ? end : partLength - (isHalf ? 1 : 0);
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...parts, rest];
}
