import { printable } from './printable.ts';
import { mask } from './redact.ts';

/** Enough for any reason; a server must not fill our messages, nor a user's terminal. */
const longest = 500;

/** All that is looked at, in characters: far more than is shown, so that no secret is cut in two where it would show. */
const considered = 16 << 10;

/** What a server says, fit for our own messages: on one line, all of it to be seen, with secrets masked. */
export function serverMessage(text: string): string {
  const line = text
    .slice(0, considered)
    .replace(/[\s\0]+/g, ' ')
    .trim();
  return printable(mask(line)).slice(0, longest);
}
