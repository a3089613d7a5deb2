import { expect } from 'chai';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { linearMatcher } from '#core/sources/name-glob.ts';
import { compilePattern, isPattern } from '#core/sources/name-pattern.ts';

const pieces = ['a', 'b', 'A', '-', '.x', '*', '**', '?', '[ab]', '[!a]', '[a-c]', '{a,b}', '{a*,b{a,b*}}', '/', '\\*'];

describe('patterns over names', () => {
  it('mean what picomatch means by them', () => {
    const glob = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
    const part = fc.array(fc.constantFrom('a', 'b', 'A', 'B', '-', '.x', 'c', '*'), { minLength: 1, maxLength: 4 });
    const name = fc.array(part, { minLength: 1, maxLength: 3 });
    let taken = 0;
    fc.assert(
      fc.property(glob, name, fc.boolean(), (text, parts, caseless) => {
        const matches = linearMatcher(text, caseless);
        // No name has empty parts, so what globs say of them does not matter.
        fc.pre(matches !== undefined && text.split('/').every((segment) => segment !== ''));
        const given = parts.map((one) => one.join('')).join('/');
        const wanted = picomatch(text, { nocase: caseless, dot: true, windows: false })(given);
        if (wanted) taken++;
        return matches(given) === wanted;
      }),
      { numRuns: 3_000 },
    );
    expect(taken).to.be.above(10);
  });

  it('end on any name, however many stars they have', () => {
    // A regular expression would try some 10^30 ways.
    const name = 'a'.repeat(500);
    const stars = 'a*'.repeat(40);
    for (const [text, matches] of [
      [`${stars}b`, false],
      [stars, true],
      [`{${stars}b,x,${stars}{c,d}}`, false],
      [`${'*?[a-c]'.repeat(30)}b`, false],
    ] as const)
      expect(compilePattern(text, 'include', true).matches(name), text).to.equal(matches);
    const deep = 'a/'.repeat(250);
    expect(compilePattern(`${'**/a/'.repeat(40)}b`, 'include', false).matches(deep)).to.equal(false);
    expect(compilePattern(`${'**/a/'.repeat(40)}**`, 'include', false).matches(`${deep}a`)).to.equal(true);
  });

  it('are refused where groups would let a name be chosen on which they never end', () => {
    for (const text of ['+(a|aa)', '*(*)', '+(+(a))', '(a|aa)+', '!(x)*a*a*a', '**/**/!(a)', '+([ab])'])
      expect(isPattern(text), text).to.equal(false);
    expect(() => compilePattern('+(a|aa)b', 'exclude', true)).to.throw('--exclude "+(a|aa)b" is not a pattern');
  });

  it('may have groups otherwise', () => {
    const name = 'a'.repeat(500);
    for (const text of ['acme/!(old|older)', 'acme/*-@(api|web)', '?(un)stable', '+(ab)', '!(*-old)'])
      expect(compilePattern(text, 'include', true).matches(name), text).to.be.a('boolean');
    const pattern = compilePattern('acme/*-!(old|older)', 'include', true);
    expect(['acme/app-new', 'acme/app-old'].map((one) => pattern.matches(one))).to.deep.equal([true, false]);
  });
});
