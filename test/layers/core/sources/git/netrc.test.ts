import { expect } from 'chai';
import { byLogins, travelsOpenly } from '#core/sources/git/git-source.ts';
import { parseNetrc } from '#core/sources/git/netrc.ts';

const netrc = parseNetrc(
  [
    'machine host login me password for-host',
    'machine host:8443 login me password for-port',
    'default login me password for-any',
  ].join('\n'),
);

async function passwordFor(named: string, asked = named): Promise<string | undefined> {
  const header = await byLogins(netrc, new URL(named))(new URL(asked));
  return (
    header &&
    Buffer.from(header.split(' ')[1] ?? '', 'base64')
      .toString()
      .split(':')[1]
  );
}

describe('a login of netrc', () => {
  it('is that of the host and port, of the host, or the default', async () => {
    expect(await passwordFor('https://host/a.git')).to.equal('for-host');
    expect(await passwordFor('https://HOST:8443/a.git')).to.equal('for-port');
    expect(await passwordFor('https://other/a.git')).to.equal('for-any');
  });

  const redirects: [named: string, asked: string, goes: boolean][] = [
    ['https://host/a.git', 'https://host/b.git', true],
    ['http://host/a.git', 'https://host/a.git', true],
    ['https://host/a.git', 'http://host/a.git', false],
    ['https://host/a.git', 'https://host:8443/a.git', false],
    ['https://host:8443/a.git', 'https://host/a.git', false],
    ['https://other/a.git', 'https://host/a.git', false],
    ['https://other/a.git', 'https://elsewhere/a.git', false],
    ['http://host:8080/a.git', 'https://host/a.git', false],
  ];
  for (const [named, asked, goes] of redirects)
    it(`${goes ? 'goes' : 'does not go'} along where ${named} redirects to ${asked}`, async () => {
      expect((await passwordFor(named, asked)) !== undefined).to.equal(goes);
    });

  it('travels openly by plain http to another machine, and only then', () => {
    expect(travelsOpenly(netrc, new URL('http://host/a'))).to.equal(true);
    expect(travelsOpenly(netrc, new URL('https://host/a'))).to.equal(false);
    expect(travelsOpenly(netrc, new URL('http://127.0.0.1:80/a'))).to.equal(false);
    expect(travelsOpenly(parseNetrc(''), new URL('http://host/a'))).to.equal(false);
  });
});
