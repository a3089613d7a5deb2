/** A program that is found before rsync. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * For the body of a `describe`: does what the shell's words say in place of rsync, which they know as `real`, until the
 * test is over. Asked for its version it gives the real one's.
 */
export function useFakeRsync(): { replace: (folder: string, words: string) => void; putBack: () => void } {
  const path = process.env['PATH'] ?? '';
  const putBack = (): void => {
    process.env['PATH'] = path;
  };
  afterEach(putBack);
  return {
    replace(folder, words) {
      const bin = join(folder, 'bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(
        join(bin, 'rsync'),
        `#!/bin/sh\nreal() { PATH='${path}' rsync "$@"; }\n[ "$1" = --version ] && { real "$@"; exit; }\n${words}\n`,
      );
      chmodSync(join(bin, 'rsync'), 0o755);
      process.env['PATH'] = `${bin}:${path}`;
    },
    putBack,
  };
}
