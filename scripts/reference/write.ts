/** Writes the pages under docs/ that are made of the program: the command line, what `--json` prints, settings. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { commandLinePage } from './command-line-page.ts';
import { jsonOutputPage } from './json-output-page.ts';
import { jsonOutputSchema } from './json-output-schema.ts';
import { withSettingsTables } from './settings-tables.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

function write(name: string, text: string): void {
  writeFileSync(pathOf(name), text);
}

write('command-line.md', commandLinePage());
write('json-output.md', await jsonOutputPage());
const schema = JSON.stringify(jsonOutputSchema(), null, 2);
write('json-output.schema.json', await prettier.format(schema, { parser: 'json', printWidth: 120 }));
write('settings.md', await withSettingsTables(readFileSync(pathOf('settings.md'), 'utf8')));
