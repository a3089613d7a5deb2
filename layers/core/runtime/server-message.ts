import { mask } from './redact.ts';

/** Enough for any reason; a server must not fill our messages, nor somebody's terminal. */
const longest = 500;

/** What a server says, fit for our own messages: on one line, without control characters, with secrets masked. */
export function serverMessage(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters would reach the reader's terminal
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return mask(line).slice(0, longest);
}
