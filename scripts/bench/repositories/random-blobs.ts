import { seededBytes } from './random.ts';

const blobBytes = 1 << 20;
const blobsPerCommit = 8;

/** Input for `git fast-import`: files of one MiB each that cannot be compressed, `bytes` in all. */
export function* randomBlobs(seed: string, bytes: number): Generator<Buffer> {
  const random = seededBytes(seed);
  const blobs = Math.ceil(bytes / blobBytes);
  for (let at = 0; at < blobs; at++) {
    if (at % blobsPerCommit === 0) {
      const date = 1_577_836_800 + at * 3600;
      yield Buffer.from(`commit refs/heads/main\ncommitter Author <author@example.org> ${date} +0000\ndata 4\nadd\n\n`);
    }
    yield Buffer.from(`M 100644 inline files/${at}.bin\ndata ${blobBytes}\n`);
    yield random(blobBytes);
    yield Buffer.from('\n');
  }
}
