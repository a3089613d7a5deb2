import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { editorSchema } from '../../scripts/cli/config/editor-schema.ts';
import { commandLine } from '../../scripts/cli/main.ts';

describe('the schema of holdfast.json', () => {
  it('is that of the options: node --import tsx scripts/config-schema.ts writes it again', () => {
    const file = fileURLToPath(new URL('../../docs/holdfast.schema.json', import.meta.url));
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(editorSchema(commandLine().commands))),
    );
  });
});
