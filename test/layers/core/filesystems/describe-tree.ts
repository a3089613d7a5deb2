/** All that a tree has, entry by entry, in a form that can be compared. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** By path, each byte of which is one character. */
export type TreeDescription = Map<string, string>;

export interface DescribeOptions {
  /** Leave out what takes a process to read. */
  attributes?: boolean;
}

export function describeTree(root: string, { attributes = true }: DescribeOptions = {}): TreeDescription {
  const found: TreeDescription = new Map();
  const firstOfInode = new Map<bigint, string>();
  const extended = attributes ? extendedAttributes(root) : new Map<string, string>();
  const visit = (path: string): void => {
    const place = Buffer.concat([Buffer.from(root), Buffer.from(path === '' ? '' : `/${path}`, 'latin1')]);
    const stats = lstatSync(place, { bigint: true });
    const own = [
      stats.mode.toString(8),
      `${stats.uid}:${stats.gid}`,
      String(stats.mtimeNs),
      ...(extended.has(path) ? [extended.get(path)] : []),
    ];
    if (stats.isDirectory()) {
      found.set(path, own.join(' '));
      for (const name of readdirSync(place, { encoding: 'buffer' }))
        visit(path === '' ? name.toString('latin1') : `${path}/${name.toString('latin1')}`);
      return;
    }
    if (stats.isFile()) {
      const first = firstOfInode.get(stats.ino) ?? path;
      firstOfInode.set(stats.ino, first);
      own.push(createHash('sha256').update(readFileSync(place)).digest('hex').slice(0, 16));
      if (first !== path) own.push(`is ${first}`);
    } else if (stats.isSymbolicLink()) {
      own.push(`to ${readlinkSync(place, { encoding: 'buffer' }).toString('latin1')}`);
    } else {
      own.push(`device ${stats.rdev}`);
    }
    found.set(path, own.join(' '));
  };
  visit('');
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Extended attributes and access control lists, as getfattr prints them. */
function extendedAttributes(root: string): Map<string, string> {
  const output = execFileSync('getfattr', ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', root], {
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found = new Map<string, string>();
  for (const block of output.toString('latin1').split('\n\n')) {
    const [head = '', ...lines] = block.split('\n');
    const place = head
      .replace(/^# file: /, '')
      .replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
    if (lines.length > 0) found.set(place.slice(root.length + 1), lines.sort().join(' '));
  }
  return found;
}

/** What differs, in words; empty where nothing does. */
export function differences(wanted: TreeDescription, found: TreeDescription): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((path) => wanted.get(path) !== found.get(path))
    .map((path) => `${JSON.stringify(path)}: ${wanted.get(path) ?? 'nothing'} became ${found.get(path) ?? 'nothing'}`);
}
