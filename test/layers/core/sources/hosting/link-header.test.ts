import { expect } from 'chai';
import { parseLinks } from '#core/sources/hosting/link-header.ts';

describe('Link header of GitHub', () => {
  it('tells whether a page follows, and the last one', () => {
    const base = 'https://api.github.com/user/101/repos?per_page=100';
    expect(parseLinks(`<${base}&page=2>; rel="next", <${base}&page=12>; rel="last"`)).to.deep.equal({
      hasNext: true,
      next: `${base}&page=2`,
      last: 12,
    });
    expect(parseLinks(`<${base}&page=1>; rel="prev", <${base}&page=1>; rel="first"`)).to.deep.equal({
      hasNext: false,
      next: undefined,
      last: undefined,
    });
  });

  it('tells nothing where it is missing or something else', () => {
    for (const header of [undefined, '', 'next', '<x>; rel="last"'])
      expect(parseLinks(header)).to.deep.equal({ hasNext: false, next: undefined, last: undefined });
  });
});
