/** Sources with everything that a file system can hold. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Names that break what takes them for text, for options, or for lines. */
const hostileNames = [
  Buffer.from('new\nline'),
  Buffer.from('-rf'),
  Buffer.from('--delete'),
  Buffer.from('#comment'),
  Buffer.from(';comment'),
  Buffer.from(' blank '),
  Buffer.from('*?[a]\\'),
  Buffer.from('$(touch x)`"\''),
  Buffer.from('ünï\u{1f4be}'),
  Buffer.from([0xff, 0xfe, 0x80]),
  Buffer.from('café', 'latin1'),
  Buffer.from('a'.repeat(255)),
  Buffer.from('.x.AbCdEf'),
  Buffer.from('...'),
];

/** One of everything. */
export async function fillSource(root: string): Promise<void> {
  const at = (...names: string[]): string => join(root, ...names);
  mkdirSync(at('folder/inner'), { recursive: true });
  mkdirSync(at('empty'));
  mkdirSync(at('becomes-file/with'), { recursive: true });
  writeFileSync(at('becomes-file/with/content'), 'inside');
  writeFileSync(at('becomes-folder'), 'a file');
  writeFileSync(at('plain'), 'plain');
  writeFileSync(at('folder/inner/content'), 'content');
  writeFileSync(at('folder/goes'), 'goes away');
  writeFileSync(at('nothing'), '');
  writeFileSync(at('secret'), 'secret', { mode: 0o600 });
  chownSync(at('secret'), 12345, 54321);
  writeFileSync(at('program'), '#!/bin/sh\n');
  chmodSync(at('program'), 0o4755);
  mkdirSync(at('sticky'));
  chmodSync(at('sticky'), 0o3770);
  mkdirSync(at('closed'));
  writeFileSync(at('closed/content'), 'closed');
  chmodSync(at('closed'), 0o500);
  symlinkSync('folder/inner', at('link'));
  symlinkSync('/nowhere/at all', at('dangling'));
  symlinkSync(Buffer.from([0xff, 0x0a]), at('link-of-bytes'));
  lutimesSync(at('link'), 1_000_000_000, 1_000_000_000);
  writeFileSync(at('folder/one'), 'linked');
  linkSync(at('folder/one'), at('two'));
  linkSync(at('folder/one'), at('folder/inner/three'));
  execFileSync('mkfifo', [at('fifo')]);
  execFileSync('mknod', [at('device'), 'c', '1', '3']);
  await makeSocket(at('socket'));
  const sparse = openSync(at('sparse'), 'w');
  ftruncateSync(sparse, 8 << 20);
  writeSync(sparse, Buffer.from('end'), 0, 3, (8 << 20) - 3);
  closeSync(sparse);
  execFileSync('setfattr', ['-n', 'user.colour', '-v', 'blue', at('plain')]);
  execFileSync('setfattr', ['-n', 'user.colour', '-v', 'green', at('folder')]);
  execFileSync('setfacl', ['-m', 'u:4711:rw', at('folder/inner/content')]);
  execFileSync('setfacl', ['-d', '-m', 'g:4711:rx', at('folder/inner')]);
  mkdirSync(at('hostile'));
  for (const [number, name] of hostileNames.entries()) {
    const inner = Buffer.concat([Buffer.from(at('hostile/')), Buffer.from(`d${number}`), name]);
    writeFileSync(Buffer.concat([Buffer.from(at('hostile/')), name]), `content ${number}`);
    if (name.length > 250) continue;
    mkdirSync(inner);
    writeFileSync(Buffer.concat([inner, Buffer.from('/'), name]), `inner ${number}`);
  }
  mkdirSync(at(...Array.from({ length: 60 }, () => 'deep')), { recursive: true });
  utimesSync(at('plain'), 1_234_567_890.123, 1_234_567_890.123);
  utimesSync(at('folder/inner'), 946_684_800, 946_684_800);
  utimesSync(at('empty'), -86_400, -86_400);
}

/** A socket stays behind when its server is gone only where the server does not remove it. */
function makeSocket(place: string): Promise<void> {
  const temporary = `${place}.server`;
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(temporary, () => {
      linkSync(temporary, place);
      server.close(() => resolve());
    });
  });
}

/** Changes of every kind to what fillSource made; `round` makes each different. */
export const changes: Record<string, (root: string, round: number) => void> = {
  'content changed': (root, round) => writeFileSync(join(root, 'plain'), `changed ${round}`),
  'content changed to the same length': (root, round) => writeFileSync(join(root, 'nothing'), String(round % 10)),
  'mode changed': (root, round) => chmodSync(join(root, 'program'), round % 2 ? 0o700 : 0o4755),
  'owner changed': (root, round) => chownSync(join(root, 'secret'), 1000 + round, 2000),
  'group changed': (root, round) => chownSync(join(root, 'folder/inner/content'), 0, 3000 + round),
  'time changed': (root, round) => utimesSync(join(root, 'folder/inner/content'), 1e9 + round, 1e9 + round),
  'extended attribute changed': (root, round) =>
    void execFileSync('setfattr', ['-n', 'user.colour', '-v', `red-${round}`, join(root, 'hostile/#comment')]),
  'access control list changed': (root, round) =>
    void execFileSync('setfacl', ['-m', `u:${5000 + round}:r`, join(root, 'folder/inner/content')]),
  'attribute of a folder changed': (root, round) => chownSync(join(root, 'folder'), round, round),
  'access control list of a folder changed': (root, round) =>
    void execFileSync('setfacl', ['-m', `u:${5000 + round}:rx`, join(root, 'empty')]),
  'file added': (root, round) => writeFileSync(join(root, `added-${round}`), 'added'),
  'folder added': (root, round) => mkdirSync(join(root, `more-${round}/and/more`), { recursive: true }),
  'file removed': (root) => rmSync(join(root, 'folder/goes'), { force: true }),
  'folder removed': (root) => rmSync(join(root, 'sticky'), { recursive: true, force: true }),
  'file renamed': (root, round) =>
    renameSync(join(root, round === 1 ? 'two' : `two-${round - 1}`), join(root, `two-${round}`)),
  'link retargeted': (root, round) => {
    rmSync(join(root, 'dangling'), { force: true });
    symlinkSync(`/elsewhere/${round}`, join(root, 'dangling'));
  },
  'hard link broken': (root, round) => {
    rmSync(join(root, 'folder/inner/three'));
    writeFileSync(join(root, 'folder/inner/three'), `alone ${round}`);
  },
  'hard link made': (root, round) => linkSync(join(root, 'folder/inner/content'), join(root, `joined-${round}`)),
  'attributes of hard links changed': (root, round) => chownSync(join(root, 'folder/one'), 100 + round, 100),
  'fifo changed': (root, round) => chownSync(join(root, 'fifo'), round, round),
  'folder replaced by file': (root) => {
    rmSync(join(root, 'becomes-file'), { recursive: true, force: true });
    writeFileSync(join(root, 'becomes-file'), 'a file now');
  },
  'file replaced by folder': (root) => {
    rmSync(join(root, 'becomes-folder'), { recursive: true, force: true });
    mkdirSync(join(root, 'becomes-folder'));
    writeFileSync(join(root, 'becomes-folder/content'), 'inside now');
  },
  'file replaced by link': (root, round) => {
    rmSync(join(root, 'hostile/-rf'), { force: true });
    symlinkSync(`target-${round}`, join(root, 'hostile/-rf'));
  },
  'link replaced by folder': (root) => {
    rmSync(join(root, 'link'), { recursive: true, force: true });
    mkdirSync(join(root, 'link'));
  },
};
