import { readFile } from 'node:fs/promises';

const security = new URL('../../SECURITY.md', import.meta.url);

/** The cells of a table in SECURITY.md, between the comments `<!-- <name>: begin … -->` and `<!-- <name>: end -->`. */
export async function rowsShown(name: string): Promise<string[][]> {
  const text = await readFile(security, 'utf8');
  const [, table] = new RegExp(`<!-- ${name}: begin.*?-->\\n(.*?)<!-- ${name}: end -->`, 's').exec(text) ?? [];
  return (table ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

export function writtenRows(rows: string[][]): string {
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
