/** Writes docs/json-output.md and docs/json-output.schema.json, which say what `--json` prints. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { jsonOutputPage } from './page.ts';
import { jsonOutputSchema } from './schema.ts';

function write(name: string, text: string): void {
  writeFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), text);
}

write('json-output.md', await jsonOutputPage());
const schema = JSON.stringify(jsonOutputSchema(), null, 2);
write('json-output.schema.json', await prettier.format(schema, { parser: 'json', printWidth: 120 }));
