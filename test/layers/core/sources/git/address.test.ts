import { expect } from 'chai';
import { parseGitAddress } from '#core/sources/git/address.ts';
import { failureIn } from '../../../../support/streams.ts';

describe('the address of a Git repository', () => {
  const refused: [address: string, message: RegExp][] = [
    ['https://host/a%2Fb.git', /escaped slash/],
    ['https://host/a%2fb', /escaped slash/],
    ['https://host/app.git?project=1', /more than a path/],
    ['https://host/app.git#one', /more than a path/],
  ];
  for (const [address, message] of refused)
    it(`is refused as ${address}, which would be one item with another repository`, () => {
      const error = failureIn(() => parseGitAddress(address));
      expect(error.code).to.equal('Usage');
      expect(error.message).to.match(message);
    });

  it('has one id however it is written', () => {
    const forms = ['https://host/a/b', 'https://HOST/a/b.git', 'https://host/a/b.git/', 'https://host:443/a//b'];
    const ids = new Set(forms.map((form) => parseGitAddress(form).item.id));
    expect([...ids]).to.deep.equal(['https://host/a/b']);
  });
});
