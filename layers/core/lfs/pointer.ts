/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: a pointer is smaller than this, in bytes. */
export const pointerLimit = 1024;

/** An object of Git LFS, as a file in Git stands for it. */
export interface Pointer {
  /** SHA-256 of its content, in hexadecimal. */
  oid: string;
  /** In bytes. */
  size: number;
}

/** That of today, and those of before there was one; git-lfs reads them all. */
const versions = ['https://git-lfs.github.com/spec/v1', 'https://hawser.github.com/spec/v1', 'http://git-media.io/v/2'];

/** The object for which a file stands; undefined where it is no pointer. */
export function parsePointer(content: Buffer): Pointer | undefined {
  if (content.length >= pointerLimit || content[0] !== 0x76) return undefined;
  const [first = '', ...rest] = content.toString('latin1').trim().split(/\r?\n/);
  if (!versions.includes(first.replace(/^version /, '').trim()) || !first.startsWith('version ')) return undefined;
  const values = new Map(
    rest.map((line): [string, string] => {
      const at = line.indexOf(' ');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const [, oid] = /^sha256:([0-9a-f]{64})$/.exec(values.get('oid') ?? '') ?? [];
  const size = /^\d{1,15}$/.exec(values.get('size') ?? '')?.[0];
  return oid === undefined || size === undefined ? undefined : { oid, size: Number(size) };
}
