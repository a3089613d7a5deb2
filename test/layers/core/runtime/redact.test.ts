import { expect } from 'chai';
import { keepSecret, mask } from '#core/runtime/redact.ts';

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

  it('leaves everything else as it is', () => {
    for (const text of ['', 'https://host/a@b', 'https://host?a@b', 'plain words', 'refs/heads/x@y'])
      expect(mask(text)).to.equal(text);
  });

  it('does not blank out words for a secret that is too short to be one', () => {
    keepSecret('');
    keepSecret('main');
    expect(mask('refs/heads/main')).to.equal('refs/heads/main');
  });
});
