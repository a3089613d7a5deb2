import prettier from 'prettier';
import type { SourceDefinition } from '#core/sources/definition.ts';
import type { SourceSecret } from '#core/sources/deployed.ts';
import { sharedEntries } from '#core/sources/hosting/secret.ts';
import { descriptionOf, type SettingDescription } from '#core/sources/hosting/setting.ts';
import { sourceDefinitions } from '#core/sources/table.ts';
import { gitHubKeys } from './github-keys.ts';

const begin =
  '<!-- Made of the schemas by node --import tsx scripts/reference/write.ts, down to "end of the tables". -->';
const end = '<!-- end of the tables -->';

const definitions: readonly SourceDefinition[] = sourceDefinitions;

/** The page on settings, with the tables between its marks made again. What is around them is written by hand. */
export async function withSettingsTables(page: string): Promise<string> {
  const [before, rest = ''] = page.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error('docs/settings.md lacks the marks of its tables');
  const parts = [before.trimEnd(), begin, await tables(), end, after.trimStart()];
  return prettier.format(parts.join('\n\n'), { parser: 'markdown', printWidth: 120 });
}

async function tables(): Promise<string> {
  const ofAll = Object.entries(sharedEntries).map(([key, entry]) => [code(key), ...cellsOf(descriptionOf(entry))]);
  return [
    '### Keys of every secret',
    table(['Key', 'Default', 'Meaning'], ofAll),
    '### Keys of single sources',
    table(['Key', 'Source', 'Default', 'Meaning'], await ownRows()),
  ].join('\n\n');
}

/** Each key of single sources, once for the sources that describe it in the same way. */
async function ownRows(): Promise<string[][]> {
  const rows = new Map<string, { key: string; sources: string[]; cells: string[] }>();
  for (const { label, deployed } of definitions) {
    if (!deployed?.secret) continue;
    for (const [key, description] of await ownKeys(deployed.secret)) {
      const cells = cellsOf(description);
      const id = JSON.stringify([key, cells]);
      const row = rows.get(id) ?? { key, sources: [], cells };
      rows.set(id, { ...row, sources: [...row.sources, label] });
    }
  }
  return [...rows.values()].map(({ key, sources, cells }) => [code(key), sources.join(', '), ...cells]);
}

async function ownKeys(secret: SourceSecret): Promise<[key: string, SettingDescription][]> {
  const entries = await secret.entries?.();
  if (!entries) return Object.entries(gitHubKeys);
  return Object.entries(entries)
    .filter(([key]) => !(key in sharedEntries))
    .map(([key, entry]) => [key, descriptionOf(entry)]);
}

function code(key: string): string {
  return `\`${key}\``;
}

function cellsOf({ absent, meaning }: SettingDescription): string[] {
  return [absent, meaning];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
