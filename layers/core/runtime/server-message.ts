import { printable } from './printable.ts';
import { mask } from './redact.ts';

/** Enough for any reason; a server must not fill our messages, nor somebody's terminal. */
const longest = 500;

/** What a server says, fit for our own messages: on one line, all of it to be seen, with secrets masked. */
export function serverMessage(text: string): string {
  return printable(mask(text.replace(/[\s\0]+/g, ' ').trim())).slice(0, longest);
}
