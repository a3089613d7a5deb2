import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/**
 * Whether this process was started with arguments that are valid UTF-8. Node hands on anything else with replacement
 * characters, which would be the name of another file. Linux alone tells the bytes (proc(5)); elsewhere file systems
 * do not take such names, and the answer is yes.
 */
export function argumentsAreUtf8(): boolean {
  if (!process.argv.some((argument) => argument.includes('\ufffd'))) return true;
  try {
    return isUtf8(readFileSync('/proc/self/cmdline'));
  } catch {
    return true;
  }
}
