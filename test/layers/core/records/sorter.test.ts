import { expect } from 'chai';
import fc from 'fast-check';
import { compareKeys } from '#core/records/record-key.ts';
import { Sorter } from '#core/records/sorter.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';

describe('sorting records', () => {
  const temporaryFolder = useTemporaryFolders();

  it('gives all in order, and of each the last, however many parts do not fit into memory', async () => {
    const sorter = new Sorter(await temporaryFolder(), 'lines', 2_400);
    const expected = new Map<string, string>();
    for (let at = 0; at < 2_000; at++) {
      const key = `issues/${(at * 7919) % 700}`;
      const text = `{"line":${at}}`;
      expected.set(key, text);
      await sorter.add(key, text);
    }
    const sorted: [string, string][] = [];
    for await (const { key, text } of sorter.sorted()) sorted.push([key, text]);
    expect(sorted).to.deep.equal([...expected].sort(([a], [b]) => compareKeys(a, b)));
  });

  it('holds the same few megabytes however much passes', async function () {
    this.timeout(60_000);
    const sorter = new Sorter(await temporaryFolder(), 'lines');
    const text = 'x'.repeat(2_500);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let at = 0; at < 25_000; at++) {
      await sorter.add(`issues/${at}`, text);
      if (at % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    expect(most - before).to.be.lessThan(16 << 20);
  });

  it('puts numbers by their value, and each key before all that stands below it', () => {
    const keys = [
      'issues/10',
      'issues/2/comments/1',
      'issues/2',
      'labels/1',
      'issues/2/timeline',
      'issues/x',
      'issues',
    ];
    expect(keys.sort(compareKeys)).to.deep.equal([
      'issues',
      'issues/2',
      'issues/2/comments/1',
      'issues/2/timeline',
      'issues/10',
      'issues/x',
      'labels/1',
    ]);
  });

  it('is an order: the same from both sides, and over three', () => {
    const key = fc.array(fc.oneof(fc.nat(30).map(String), fc.constantFrom('a', '01', 'b-')), {
      minLength: 1,
      maxLength: 3,
    });
    const joined = key.map((parts) => parts.join('/'));
    fc.assert(
      fc.property(joined, joined, joined, (a, b, c) => {
        expect(Math.sign(compareKeys(a, b))).to.equal(-Math.sign(compareKeys(b, a)) + 0);
        expect(compareKeys(a, b) === 0).to.equal(a === b);
        if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).to.be.at.most(0);
      }),
    );
  });
});
