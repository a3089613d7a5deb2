import path from 'node:path';
import { expect } from 'chai';
import { events, holdfast } from '../../support/command-line.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

/** A name that hides what follows it, moves the cursor, and turns the line around. */
const hostile = 'app\u001b[8m\u001b[31m\u009b2J\u202egnp\u2066\u200b\u001b]0;title\u0007.git';
/** What a terminal must never be sent, colours of our own left aside. */
const unseen = /[^\P{Cc}\n]|[\p{Bidi_Control}\u200b]/u;

describe('a name that would deceive the reader', () => {
  const folder = useTemporaryFolders();
  let place: string;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, hostile), { commits: 1 });
  });

  for (const args of [
    ['backup', 'git', hostile],
    ['list'],
    ['verify'],
    ['drill'],
    ['show', hostile],
    ['restore', hostile, '--to', hostile],
  ])
    it(`is shown as escapes by ${args[0] ?? ''}, and kept by it as JSON`, async () => {
      for (const flags of [[], ['--debug']]) {
        const { stdout, stderr } = await holdfast([...args, ...flags], { cwd: place });
        expect(stdout + stderr).to.not.match(unseen);
      }
      const { stdout } = await holdfast([...args, '--json'], { cwd: place });
      expect(stdout).to.not.match(unseen);
      for (const event of events(stdout)) expect(event).to.have.property('event');
    });

  it('is the same in JSON as it is', async () => {
    const { stdout } = await holdfast(['list', '--json'], { cwd: place });
    expect(JSON.stringify(events(stdout))).to.include(JSON.stringify(hostile).slice(1, -1));
  });
});
