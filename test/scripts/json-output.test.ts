import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { eventsOfVerbs } from '../../scripts/cli/events/all.ts';
import { commandLine } from '../../scripts/cli/main.ts';
import { jsonOutputPage } from '../../scripts/reference/json-output-page.ts';
import { jsonOutputSchema } from '../../scripts/reference/json-output-schema.ts';

/** What only a deployment starts. */
const internal = ['backup-item', 'efs-task'];

const stored = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');

describe('the page on --json', () => {
  it('is made of the schemas of events: node --import tsx scripts/reference/write.ts writes it again', async () => {
    expect(await stored('json-output.md')).to.equal(await jsonOutputPage());
    expect(JSON.parse(await stored('json-output.schema.json'))).to.deep.equal(
      JSON.parse(JSON.stringify(jsonOutputSchema())),
    );
  });

  it('has every verb that takes --json, and no other', () => {
    const taking = (command: CommandUnknownOpts): boolean =>
      command.options.some(({ long }) => long === '--json') || command.commands.some(taking);
    const verbs = commandLine()
      .commands.filter((command) => taking(command) && !internal.includes(command.name()))
      .map((command) => command.name());
    expect(eventsOfVerbs.map(({ verb }) => verb)).to.deep.equal(verbs);
  });
});
