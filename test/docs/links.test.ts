import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

const pages = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((name) => name !== '' && existsSync(path.join(root, name)));

const textOf = (name: string): string => readFileSync(path.join(root, name), 'utf8');

/** The anchors of a page as GitHub makes them of its headings. */
function anchorsOf(name: string): Set<string> {
  const headings = textOf(name).match(/^#{1,6} .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

describe('the documentation', () => {
  for (const page of pages)
    it(`${page}: each link leads to a page and a heading that are there`, () => {
      const broken: string[] = [];
      for (const [, target = ''] of textOf(page).matchAll(/\]\(([^()\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? page : path.join(path.dirname(page), file);
        const there = existsSync(path.join(root, linked));
        if (!there || (anchor !== undefined && linked.endsWith('.md') && !anchorsOf(linked).has(anchor)))
          broken.push(target);
      }
      expect(broken).to.deep.equal([]);
    });

  it('is listed as a whole in its index', () => {
    const index = textOf('docs/README.md');
    const missing = pages
      .filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
      .filter((page) => !index.includes(`(${page.slice('docs/'.length)})`));
    expect(missing).to.deep.equal([]);
  });
});
