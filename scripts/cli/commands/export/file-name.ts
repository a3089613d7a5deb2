/**
 * The name of a file for something that anybody may have named: what is not a letter, digit, dot, dash or underscore
 * becomes an underscore, and no name leads elsewhere, is hidden, or belongs to Windows.
 */
export function fileName(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N}._-]/gu, '_')
    .replace(/^\.+/, '_')
    .replace(/\.+$/, '_')
    .slice(0, 120);
  return plain === '' || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `_${plain}` : plain;
}
