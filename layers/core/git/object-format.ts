/** The hash that names a repository's objects (gitformat-pack, "SHA-1 and SHA-256"). */
export type ObjectFormat = 'sha1' | 'sha256';

/** Bytes of an object id, and of the hash that ends a pack. */
export function hashBytes(format: ObjectFormat): 20 | 32 {
  return format === 'sha1' ? 20 : 32;
}

/** The id that stands for "no object": all zeros. */
export function zeroOid(format: ObjectFormat): string {
  return '0'.repeat(hashBytes(format) * 2);
}

/** Whether a text is an object id of this format, in lower case as Git writes it. */
export function isOid(text: string, format: ObjectFormat): boolean {
  return text.length === hashBytes(format) * 2 && /^[0-9a-f]+$/.test(text);
}
