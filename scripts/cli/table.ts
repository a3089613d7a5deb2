/** Rows as aligned columns, as wide as a terminal draws them; the last column is left as it is. */
export async function table(rows: readonly (readonly string[])[]): Promise<string[]> {
  const widthOf = rows.flat().every(isPlain) ? (text: string) => text.length : (await import('string-width')).default;
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, widthOf(cell))));
  const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Whether each character takes one column. To load what knows the widths of all others takes as long as to start Node. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
