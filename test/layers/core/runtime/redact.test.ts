import { expect } from 'chai';
import { hasTokenForm, keepLoginIn, keepSecret, loginIn, mask, mayBeToken } from '#core/runtime/redact.ts';

describe('mask', () => {
  it('takes out every secret that it was told of, wherever it stands and however it is written', () => {
    const secret = 'tok/en+with=signs-81';
    keepSecret(secret);
    const spelled = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    for (const each of spelled) expect(mask(`a ${each}, and again:${each}.`)).to.equal('a ***, and again:***.');
  });

  it('takes the user and password out of every URL', () => {
    expect(mask('cannot reach https://user:word@host/path or http://token@host')).to.equal(
      'cannot reach https://***@host/path or http://***@host',
    );
    expect(mask('a password as it is typed: https://user:p@ss@word@host/path?to=a@b')).to.equal(
      'a password as it is typed: https://***@host/path?to=a@b',
    );
    expect(mask('git+ssh://git@host:22/a and mail to a@b.example')).to.equal(
      'git+ssh://***@host:22/a and mail to a@b.example',
    );
  });

  it('comes to an end soon, whatever the text', function () {
    this.timeout(5_000);
    for (const part of ['a-', 'a://', '://@', 'x'])
      expect(mask(part.repeat(1_000_000 / part.length))).to.have.length.above(1_000);
  });

  it('leaves everything else as it is', () => {
    for (const text of ['', 'https://host/a@b', 'https://host?a@b', 'plain words', 'refs/heads/x@y'])
      expect(mask(text)).to.equal(text);
  });

  it('does not blank out words for a secret that is too short to be one', () => {
    keepSecret('');
    keepSecret('main');
    expect(mask('refs/heads/main')).to.equal('refs/heads/main');
  });

  it('takes out passwords that should have been escaped and are not', () => {
    for (const [text, masked] of [
      ['http://u:pass+word/99@host/x', 'http://***@host/x'],
      ['http://u:pass#word@host/x', 'http://***@host/x'],
      ['http://u:pass?word@host/x', 'http://***@host/x'],
      ['http://u:pässwörd/ö@host/x', 'http://***@host/x'],
      ['http://u:a%2Fb@host/x', 'http://***@host/x'],
      ['http://host:8080/team/a@b', 'http://host:8080/team/a@b'],
      ['http://[::1]:8080/team/a@b', 'http://[::1]:8080/team/a@b'],
    ] as const)
      expect(mask(`cannot reach ${text}: no`)).to.equal(`cannot reach ${masked}: no`);
  });

  it('takes out what has the form of a token, wherever it comes from', () => {
    const body = 'Abcdefghij0123456789Abcdefghij012345';
    for (const token of [
      `ghp_${body}`,
      `gho_${body}`,
      `ghs_${body}`,
      `github_pat_${body}`,
      `glpat-${body}`,
      `npm_${body}`,
      'AKIAIOSFODNN7EXAMPLE',
    ]) {
      expect(mask(`not ${token}, but`)).to.equal('not ***, but');
      expect(hasTokenForm(token)).to.equal(true);
    }
    expect(mask('deadbeef'.repeat(5))).to.equal('deadbeef'.repeat(5));
  });

  it('needs no more than a moment for any text', () => {
    for (const text of [
      'a-'.repeat(60_000),
      'a://u:p'.repeat(20_000),
      'ghp_'.repeat(40_000),
      'eyJ'.repeat(50_000),
      '://'.repeat(50_000),
    ])
      mask(text);
  }).timeout(5_000);
});

describe('the login in a URL', () => {
  const logins: [text: string, login: string | undefined][] = [
    ['http://u:pass@host/x', 'u:pass'],
    ['http://token@host/x', 'token'],
    ['http://u:pass+word/99@host/x', 'u:pass+word/99'],
    ['http://u:p@ss/word@host/x', 'u:p@ss/word'],
    ['http://u:pa#s?s@host/x', 'u:pa#s?s'],
    ['http://u:12/34@host/x', 'u:12/34'],
    ['http://git.example:8080/team/a@b', undefined],
    ['http://localhost:8080/team/a@b', undefined],
    ['https://host/team/a@b', undefined],
    ['https://host/x', undefined],
    ['me@host:x', undefined],
  ];
  for (const [text, login] of logins)
    it(`${login === undefined ? 'is not seen' : 'is seen'} in ${text}`, () => expect(loginIn(text)).to.equal(login));

  it('is masked once it was seen, in all of its parts', () => {
    keepLoginIn('http://somebody:p@ss/w%C3%B6rd-7@host/x');
    for (const form of ['p@ss/w%C3%B6rd-7', 'p@ss/wörd-7', 'somebody:p@ss/wörd-7'])
      expect(mask(`said ${form} here`)).to.equal('said *** here');
  });
});

describe('a text in the place of a name', () => {
  it('may be a token by its form, also an old one', () => {
    for (const text of ['ghp_Abcdefghij0123456789', '0123456789abcdef0123456789abcdef01234567', 'aB3'.repeat(14)])
      expect(mayBeToken(text), text).to.equal(true);
    for (const text of [
      'prod/github-backup',
      'token.txt',
      '/home/me/Token1',
      'a-long-name-of-a-secret-for-github-backups-2',
    ])
      expect(mayBeToken(text), text).to.equal(false);
  });
});
