import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const places = { '/opt': process.env.STANDIN_OPT, '/var/task': process.env.LAMBDA_TASK_ROOT };

/** The unpacked place of a path or file URL under /opt or /var/task; undefined for anything else. */
export function mapped(specifier) {
  const path = specifier.startsWith('file:///') ? fileURLToPath(specifier) : specifier;
  for (const [mount, folder] of Object.entries(places)) {
    if (path.startsWith(`${mount}/`)) return join(folder, path.slice(mount.length));
  }
  return undefined;
}
