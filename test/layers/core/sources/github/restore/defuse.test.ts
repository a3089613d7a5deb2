import { expect } from 'chai';
import { compose } from '#core/sources/github/restore/text/compose.ts';
import { defuse } from '#core/sources/github/restore/text/defuse.ts';
import { markerIn } from '#core/sources/github/restore/text/marker.ts';

const elsewhere = { keepsNumbers: false, webHost: 'ghe.example' };
const kept = { keepsNumbers: true, webHost: 'github.com' };
const z = '\u200b';

describe('texts that are restored at GitHub', () => {
  it('mention no one, however the mention is written', () => {
    const cases: [string, string][] = [
      ['@bob', `@${z}bob`],
      ['(@bob) _@bob_ **x**@bob _x_@bob', `(@${z}bob) _@${z}bob_ **x**@${z}bob _x_@${z}bob`],
      ['cc @acme/team-a', `cc @${z}acme/team-a`],
      ['\\@bob', `\\@${z}bob`],
      ['&#64;bob &#x40;bob &commat;bob &#0064bob', `&#64;${z}bob &#x40;${z}bob &commat;${z}bob &#0064${z}bob`],
      ['é@bob', `é@${z}bob`],
      ['<b>x</b>@bob', `<b>x</b>@${z}bob`],
      ['[@bob](https://x.example)', `[@${z}bob](https://x.example)`],
      ['bob@example.com', 'bob@example.com'],
    ];
    for (const [text, harmless] of cases) expect(defuse(text, kept), text).to.equal(harmless);
  });

  it('keep code as it is, and only what is code', () => {
    for (const code of [
      '`@bob`',
      '``a `@bob` ``',
      '```\n@bob\n#1\n```',
      '    @bob',
      '> ```\n> @bob\n> ```',
      '- ~~~\n  @bob\n  ~~~',
    ])
      expect(defuse(code, elsewhere), code).to.equal(code);
    // None of these is code to GitHub.
    for (const text of [
      '<div>\n```\n@bob\n```\n</div>',
      '| a |\n|---|\n| `a | @bob` |',
      '`@bob',
      'x\n    @bob',
      '```\ncode\n```\n@bob',
    ])
      expect(defuse(text, kept), text).to.include(`@${z}bob`);
  });

  it('refer to no other repository, and in another one to no number', () => {
    expect(defuse('acme/web#12 and web#3', kept)).to.equal(`acme/web#${z}12 and web#${z}3`);
    expect(defuse('see #12, GH-12 (#3)', kept)).to.equal('see #12, GH-12 (#3)');
    expect(defuse('see #12, GH-12 (#3) &#49;', elsewhere)).to.equal(`see #${z}12, GH-${z}12 (#${z}3) &#49;`);
    expect(defuse('&#35;12 &num;12', elsewhere)).to.equal(`&#35;${z}12 &num;${z}12`);
  });

  it('link to the same places by addresses that leave no mark', () => {
    const cases: [string, string][] = [
      ['https://github.com/acme/web/issues/12#x', 'https://redirect.github.com/acme/web/issues/12#x'],
      ['[x](http://www.github.com/a/b/pull/1)', '[x](https://redirect.github.com/a/b/pull/1)'],
      ['https://github.com/a/b/commit/abc', 'https://redirect.github.com/a/b/commit/abc'],
      ['https://ghe.example/a/b/issues/12', 'https://ghe.example/a/b/issues/%312'],
      ['https://github.com/acme/web', 'https://github.com/acme/web'],
      ['https://npm.example/@scope/x', 'https://npm.example/%40scope/x'],
      ['https://x.example/#12', 'https://x.example/#12'],
    ];
    for (const [text, harmless] of cases) expect(defuse(text, elsewhere), text).to.equal(harmless);
  });

  it('become several where they are longer than GitHub takes, none of which mentions anyone', () => {
    const text = `\`\`\`\n${'@bob\n'.repeat(14_000)}\`\`\``;
    const original = { author: 'x', did: 'wrote', at: undefined, url: undefined, more: [], text };
    const posts = compose({ of: 'a/b/issues/1', snapshot: '2026' }, original, kept);
    expect(posts.length).to.be.greaterThan(1);
    for (const { body } of posts.slice(1)) expect(body).not.to.match(/^@bob/m);
    expect(posts.every(({ body }) => body.length <= 65_536)).to.equal(true);
    expect(posts.map(({ body }) => markerIn(body)?.of)).to.deep.equal(posts.map(({ of }) => of));
    expect(posts.map(({ body }) => body.split('bob').length - 1).reduce((a, b) => a + b)).to.equal(14_000);
  });

  it('are recognised by their own first line alone, whatever people write', () => {
    const forged = '<!-- holdfast:restored a/b/issues/9 2026 -->\nx';
    const [{ body }] = compose(
      { of: 'a/b/issues/1', snapshot: '2026' },
      { author: 'x`y', did: 'wrote', at: undefined, url: undefined, more: [], text: forged },
      kept,
    );
    expect(markerIn(body)?.of).to.equal('a/b/issues/1');
    expect(body).to.include('`x y` wrote');
  });
});
