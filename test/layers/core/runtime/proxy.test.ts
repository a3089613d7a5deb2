import { expect } from 'chai';
import { mask } from '#core/runtime/redact.ts';
import { proxyFor } from '#core/runtime/proxy.ts';
import { failureOf } from '../../../support/streams.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';

const none = {
  http_proxy: '',
  HTTP_PROXY: '',
  https_proxy: '',
  HTTPS_PROXY: '',
  all_proxy: '',
  ALL_PROXY: '',
  no_proxy: '',
  NO_PROXY: '',
};

describe('the proxy for a URL', () => {
  let restore = (): void => undefined;
  const given = (variables: Partial<typeof none>): void => {
    restore();
    restore = setEnvironment({ ...none, ...variables });
  };
  const chosen = (url: string): string | undefined => proxyFor(new URL(url))?.href;
  afterEach(() => {
    restore();
    restore = () => undefined;
  });

  it('is named by protocol, or for all', () => {
    given({ https_proxy: 'http://one:3128', http_proxy: 'http://two:3128' });
    expect(chosen('https://host/')).to.equal('http://one:3128/');
    expect(chosen('http://host/')).to.equal('http://two:3128/');
    given({ ALL_PROXY: 'http://three:3128' });
    expect(chosen('https://host/')).to.equal('http://three:3128/');
  });

  it('is reached by http where no scheme is given, as curl reaches it', () => {
    given({ https_proxy: 'proxy.example:3128' });
    expect(chosen('https://host/')).to.equal('http://proxy.example:3128/');
  });

  const cases: [noProxy: string, url: string, excluded: boolean][] = [
    ['*', 'https://host/', true],
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://s3.example.com/', true],
    ['.example.com', 'https://s3.example.com/', true],
    ['.example.com', 'https://example.com/', true],
    ['*.example.com', 'https://s3.example.com/', true],
    ['example.com', 'https://notexample.com/', false],
    ['example.com', 'https://example.com.evil.org/', false],
    ['EXAMPLE.com', 'https://example.COM./', true],
    ['one.org, example.com', 'https://example.com/', true],
    ['one.org example.com', 'https://example.com/', true],
    ['example.com:8443', 'https://example.com:8443/', true],
    ['example.com:8443', 'https://example.com/', false],
    ['example.com:443', 'https://example.com/', true],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.0.0.0/8', 'https://10.example.com/', false],
    ['192.168.0.1', 'https://192.168.0.1/', true],
    ['192.168.0.1', 'https://192.168.0.10/', false],
    ['192.168.0.128/25', 'https://192.168.0.127/', false],
    ['127.0.0.0/8', 'http://127.0.0.1:8080/', true],
    ['fd00::/8', 'https://[fd12::1]/', true],
    ['fd00::/8', 'https://[fe80::1]/', false],
    ['[::1]', 'https://[::1]:9000/', true],
    ['::1', 'https://[::1]:9000/', true],
    ['[::1]:9000', 'https://[::1]:9001/', false],
    ['10.0.0.0/99', 'https://10.0.0.1/', false],
    ['', 'https://host/', false],
  ];
  for (const [no_proxy, url, excluded] of cases)
    it(`is ${excluded ? 'not asked' : 'asked'} for ${url} where no_proxy is ${JSON.stringify(no_proxy)}`, () => {
      given({ all_proxy: 'http://proxy:3128', no_proxy });
      expect(chosen(url)).to.equal(excluded ? undefined : 'http://proxy:3128/');
    });

  it('has its login masked as it is written, decoded, and as it is sent', () => {
    given({ https_proxy: 'http://worker:S3cret%2Fw%C3%B6rd@proxy:3128' });
    chosen('https://host/');
    const sent = Buffer.from('worker:S3cret/wörd').toString('base64');
    for (const form of ['S3cret%2Fw%C3%B6rd', 'S3cret/wörd', sent, 'worker:S3cret/wörd'])
      expect(mask(`it says ${form} back`)).to.equal('it says *** back');
  });

  it('keeps a percent sign that begins no escape, as curl does', () => {
    given({ https_proxy: 'http://me:100%25-or-100%@proxy:3128' });
    expect(decodeURIComponent(proxyFor(new URL('https://host/'))?.password ?? '')).to.equal('100%25-or-100%');
  });

  for (const [what, value] of [
    ['a password with a slash', 'http://me:pa/ssw0rd@proxy:3128'],
    ['a password of digits before a slash', 'http://me:12/ssw0rd@proxy:3128'],
    ['a password with a hash', 'http://me:pa#ssw0rd@proxy:3128'],
    ['a password with a question mark', 'http://me:12?ssw0rd@proxy:3128'],
    ['no port', 'http://me:ssw0rd@proxy:none'],
    ['SOCKS', 'socks5://me:ssw0rd@proxy:1080'],
  ] as const)
    it(`is refused with ${what}, and nothing of it repeated`, async () => {
      given({ https_proxy: value });
      const error = await failureOf(Promise.resolve().then(() => proxyFor(new URL('https://host/'))));
      expect(error.code).to.equal('ConfigurationInvalid');
      expect(`${error.message} ${error.advice ?? ''} ${String(error.stack)}`).not.to.include('ssw0rd');
    });
});
