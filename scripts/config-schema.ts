/** Writes docs/holdfast.schema.json, by which editors complete and check holdfast.json. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { editorSchema } from './cli/config/editor-schema.ts';
import { commandLine } from './cli/main.ts';

const file = fileURLToPath(new URL('../docs/holdfast.schema.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(editorSchema(commandLine().commands), null, 2)}\n`);
