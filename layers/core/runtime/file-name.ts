/** The longest name that file systems allow, in bytes. */
const longestName = 255;

/** What makes a name lead elsewhere, or one that no file can have; undefined where nothing does. */
export function faultOfFileName(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'leads out of its folder';
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (/[/\\\u0000-\u001f\u007f]/.test(name)) return 'holds a slash or a control character';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  if (Buffer.byteLength(name) > longestName) return 'is too long for a file';
  return undefined;
}

/**
 * What makes a name come out differently on Windows.
 * https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
 */
export function faultOnWindows(name: string): string | undefined {
  if (/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i.test(name) || /[<>:"|?*]|[. ]$/.test(name))
    return 'is not a valid file name on Windows';
  return undefined;
}
