import { codeRanges } from './code-ranges.ts';

export interface DefuseOptions {
  /**
   * Whether `#12` stays: it means what it meant where all numbers are kept. In another repository it would point to, and
   * leave a mark on, something else.
   */
  keepsNumbers: boolean;
  /** The host of GitHub's web pages to which it goes: `github.com`. */
  webHost: string;
}

/** Not seen, and ends the word: what follows an @ or a # is no longer the name of anything. */
const joiner = '\u200b';

/** Without any of these there is nothing to do, and parsing takes a while. */
const suspicious = /[@#&]|https?:|GH-/i;

/** Without any of these there is no code. */
const maybeCode = /[`~\t]| {4}/;

const address = /https?:\/\/[^\s<>()"'`\\\]]*/gi;

/**
 * A text that notifies no one and leaves no mark elsewhere when it is posted: mentions, references to other repositories and
 * links to issues, pull requests and commits are made harmless, and read as before. Code stays as it is, since GitHub
 * looks for none of them there.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
export function defuse(markdown: string, options: DefuseOptions): string {
  const source = markdown.replace(/^\ufeff/, '');
  if (!suspicious.test(source)) return source;
  if (!maybeCode.test(source)) return defusePlain(source, options);
  let text = '';
  let at = 0;
  for (const [from, to] of codeRanges(source)) {
    if (from < at) continue;
    text += defusePlain(source.slice(at, from), options) + source.slice(from, to);
    at = to;
  }
  return text + defusePlain(source.slice(at), options);
}

function defusePlain(text: string, options: DefuseOptions): string {
  let result = '';
  let at = 0;
  for (const { 0: url, index } of text.matchAll(address)) {
    result += defuseWords(text.slice(at, index), options) + harmlessAddress(url, options.webHost);
    at = index + url.length;
  }
  return result + defuseWords(text.slice(at), options);
}

function defuseWords(text: string, { keepsNumbers }: DefuseOptions): string {
  const safe = text
    // Rendering turns these into the characters before GitHub looks for mentions.
    .replace(/&(?:#0*64|#x0*40|commat);?/gi, `$&${joiner}`)
    .replace(/&(?:#0*35|#x0*23|num);?(?=\d)/gi, `$&${joiner}`)
    .replace(/(?<![A-Za-z0-9])@(?=\S)/g, `@${joiner}`)
    .replace(/(?<=[\w.-])#(?=\d)/g, `#${joiner}`);
  if (keepsNumbers) return safe;
  return safe.replace(/(?<![\w&])#(?=\d)/g, `#${joiner}`).replace(/\bGH-(?=\d)/gi, `$&${joiner}`);
}

const thing =
  /^(https?:\/\/)(?:www\.)?([^/]+)(\/[^/]+\/[^/]+\/(?:issues?|pulls?|discussions|commits?|compare)\/)(.)(.*)$/is;

/**
 * A link that leads to the same place and that GitHub does not take for a reference. For github.com there is an address
 * made for that, which update bots use; elsewhere one letter is written by its code, which is the same to a browser.
 */
export function harmlessAddress(url: string, webHost: string): string {
  const [, scheme = '', host = '', path = '', first = '', rest = ''] = thing.exec(url) ?? [];
  const isOurs = [webHost.toLowerCase(), 'github.com'].includes(host.toLowerCase());
  // An @ in a path is part of many addresses, and would be a mention where GitHub sees no link.
  if (!isOurs) return url.replace(/(?<![A-Za-z0-9])@/g, '%40');
  if (host.toLowerCase() === 'github.com')
    return `https://redirect.github.com${path}${first}${rest}`.replace(/@/g, '%40');
  const code = first.charCodeAt(0).toString(16).padStart(2, '0');
  return `${scheme}${host}${path}%${code}${rest}`.replace(/@/g, '%40');
}
