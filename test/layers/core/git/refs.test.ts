import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allRefs,
  bytesOfName,
  isRefName,
  nameOfBytes,
  refMatcher,
  refsDigest,
  selectRefs,
  type Head,
} from '#core/git/refs.ts';
import { git, gitWith } from '../../../support/repositories.ts';

const oid = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 40, maxLength: 40 });
const head = fc.oneof(
  oid.map((at): Head => ({ type: 'detached', oid: at })),
  fc.constantFrom<Head[]>({ type: 'absent' }, { type: 'unborn', ref: 'refs/heads/none' }),
  oid.map((at): Head => ({ type: 'branch', ref: 'refs/heads/main', oid: at })),
);
/** Names put together from what the rules are about. */
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'b', 'c/d', 'e', 'f'),
      fc.constantFrom(
        'a',
        'b',
        '/',
        '/',
        '.',
        '..',
        '.lock',
        '.lock/',
        '@',
        '@{',
        '{',
        '-',
        '~',
        '^',
        ':',
        '?',
        '*',
        '[',
      ),
      fc.constantFrom(
        '\\',
        ' ',
        '\t',
        '\u007f',
        '\u0001',
        '\u0080',
        'é',
        '日本',
        '\u2028',
        '\u00a0',
        '😀',
        '%',
        '$(x)',
        "'",
        '"',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => `refs/${parts.join('')}`);

describe('ref names', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    await git(folder, 'init', '--quiet', '--bare', '--template=');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** Git's own verdict on many names by one process: what `check-ref-format` says is what `update-ref` obeys. */
  async function thoseThatGitRefuses(names: readonly string[]): Promise<string[]> {
    const script = `for name; do git check-ref-format "$name" && echo 0 || echo 1; done`;
    const verdicts = await gitWith(
      { cwd: folder },
      '-c',
      `alias.verdicts=!f() { ${script}; }; f`,
      'verdicts',
      ...names,
    );
    return names.filter((_, index) => verdicts.split('\n')[index] !== '0');
  }

  it('are told good from bad as git check-ref-format does', async () => {
    const names = [
      ...new Set(fc.sample(name, 400)),
      'refs/a',
      'refs/',
      'refs',
      'HEAD',
      '@',
      'refs/@',
      'refs/heads/-x',
      'refs//a',
    ];
    const refused = await thoseThatGitRefuses(names);
    // Git alone would also let names stand outside refs/; a server advertises none but HEAD.
    expect(names.filter((each) => !isRefName(each))).to.deep.equal(
      names.filter((each) => refused.includes(each) || !each.startsWith('refs/')),
    );
    expect(refused.length).to.be.greaterThan(50);
    expect(names.length - refused.length).to.be.greaterThan(50);
  });

  it('are refused when they are longer than any that can be stored', () => {
    expect(isRefName(`refs/heads/${'x'.repeat(5000)}`)).to.equal(false);
  });
});

describe('a name that is not UTF-8', () => {
  const bytes = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((some) => Buffer.concat([Buffer.from('refs/'), some]));

  it('is written so that its bytes come back, and no two names are written alike', () =>
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(bytesOfName(nameOfBytes(one))).to.deep.equal(one);
        expect(nameOfBytes(one) === nameOfBytes(other)).to.equal(one.equals(other));
      }),
    ));

  it('is allowed as git allows it, written in that way and no other', () => {
    expect(isRefName(nameOfBytes(Buffer.from('refs/heads/caf\xe9', 'latin1')))).to.equal(true);
    // UTF-8 in disguise, a backslash that was sent, capitals, what needs no escape, and half an escape.
    const disguised = ['\\xc3\\xa9', '\\x5cxe9', '\\xE9', '\\x41\\xe9', '\\xe', 'é\\xe9', '\\'];
    for (const end of disguised) expect(isRefName(`refs/heads/${end}`), end).to.equal(false);
    expect(isRefName(nameOfBytes(Buffer.from('refs/heads/\\xe9')))).to.equal(false);
  });
});

describe('refsDigest', () => {
  const refs = fc.dictionary(name, oid, { maxKeys: 8 });

  it('does not depend on the order in which the refs were listed', () =>
    fc.assert(
      fc.property(
        refs.chain((all) =>
          fc.tuple(
            fc.constant(Object.entries(all)),
            fc.shuffledSubarray(Object.entries(all), { minLength: Object.keys(all).length }),
          ),
        ),
        head,
        ([one, other], at) => {
          expect(refsDigest(new Map(other), at)).to.equal(refsDigest(new Map(one), at));
        },
      ),
    ));

  it('changes with any ref that is moved, added or removed, and with where HEAD points', () =>
    fc.assert(
      fc.property(refs, oid, head, (all, at, where) => {
        const before = new Map(Object.entries(all));
        const digest = refsDigest(before, where);
        expect(refsDigest(new Map([...before, ['refs/heads/added', at]]), where)).not.to.equal(digest);
        expect(refsDigest(before, { type: 'branch', ref: 'refs/heads/elsewhere', oid: at })).not.to.equal(digest);
        const [first] = before.keys();
        if (first === undefined) return;
        const moved = before.get(first)?.startsWith('0') === true ? '1'.repeat(40) : '0'.repeat(40);
        expect(refsDigest(new Map([...before, [first, moved]]), where)).not.to.equal(digest);
        before.delete(first);
        expect(refsDigest(before, where)).not.to.equal(digest);
      }),
    ));
});

describe('the selection of refs', () => {
  const refs = new Map(
    ['refs/heads/main', 'refs/heads/a/b', 'refs/pull/1/head', 'refs/tags/v1.0', 'refs/tags/v1x0'].map((each) => [
      each,
      '1'.repeat(40),
    ]),
  );
  const taken = (include: string[], exclude: string[]) => [...selectRefs(refs, { include, exclude }).taken.keys()];

  it('takes all refs unless told otherwise', () => {
    expect(selectRefs(refs, allRefs)).to.deep.equal({ taken: refs, left: [] });
  });

  it('takes what is included and not excluded, and names the rest', () => {
    expect(taken(['refs/heads/*', 'refs/tags/*'], ['refs/heads/a/*'])).to.deep.equal([
      'refs/heads/main',
      'refs/tags/v1.0',
      'refs/tags/v1x0',
    ]);
    expect(selectRefs(refs, { include: [], exclude: ['refs/pull/*'] }).left).to.deep.equal(['refs/pull/1/head']);
  });

  it('reads a pattern as a whole name in which only the star is special', () => {
    expect(taken(['refs/tags/v1.0'], [])).to.deep.equal(['refs/tags/v1.0']);
    expect(taken(['heads/main'], [])).to.deep.equal([]);
    expect(refMatcher(['refs/(*'])('refs/(x')).to.equal(true);
  });

  it('matches as a regular expression would, with any number of stars', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (star, each) => {
        const expression = new RegExp(`^${star.replaceAll('*', '.*')}$`);
        expect(refMatcher([star])(each)).to.equal(expression.test(each));
      }),
      { numRuns: 2000 },
    );
  });

  it('comes to an end soon, whatever the name', function () {
    this.timeout(5_000);
    const stars = `${'*a'.repeat(20)}*b`;
    expect(refMatcher([stars])(`refs/${'a'.repeat(100_000)}`)).to.equal(false);
  });
});
