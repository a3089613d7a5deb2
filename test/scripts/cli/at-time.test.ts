import { expect } from 'chai';
import { endOfTime } from '../../../scripts/cli/at-time.ts';

describe('a moment on the command line', () => {
  const moments = {
    '2026': '2026-12-31T235959.999Z',
    '2026-02': '2026-02-28T235959.999Z',
    '2026-03-15': '2026-03-15T235959.999Z',
    '2026-03-15T12': '2026-03-15T125959.999Z',
    '2026-03-15T12:30': '2026-03-15T123059.999Z',
    '2026-03-15 12:30': '2026-03-15T123059.999Z',
    '2026-03-15T12:30:07Z': '2026-03-15T123007.999Z',
    '2026-03-15T12:30:07.5Z': '2026-03-15T123007.500Z',
    // The id of a snapshot.
    '2026-03-15T123007.123Z': '2026-03-15T123007.123Z',
  };
  for (const [typed, id] of Object.entries(moments))
    it(`${typed} lasts until ${id}`, () => expect(endOfTime(typed)).to.equal(id));

  for (const typed of [
    '',
    'yesterday',
    '2026-13',
    '2026-02-30',
    '2026-03-15T25',
    '2026-03-15T12:61',
    '15.3.2026',
    '-2026',
  ])
    it(`refuses ${JSON.stringify(typed)}`, () => expect(() => endOfTime(typed)).to.throw(/must be a time in UTC/));
});
