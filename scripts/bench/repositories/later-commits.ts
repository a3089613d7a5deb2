import { SeededRandom } from './random.ts';
import { SourceText } from './source-text.ts';

/** Input for `git fast-import`: further commits on a branch that exists, a few changed files in each. */
export function* laterCommits(branch: string, commits: number): Generator<Buffer> {
  const text = new SourceText(new SeededRandom(`later ${branch}`));
  const files = Array.from({ length: 12 }, (_, at) => ({
    path: `later/${text.name()}-${at}.ts`,
    lines: text.lines(200),
  }));
  for (let at = 0; at < commits; at++) {
    // Later than any commit that exists, so that no walk by date goes astray.
    const who = `Author <author@example.org> ${2_000_000_000 + at * 3600} +0000`;
    const message = `${text.sentence()}\n`;
    let out = `commit ${branch}\ncommitter ${who}\ndata ${message.length}\n${message}`;
    if (at === 0) out += `from ${branch}^0\n`;
    for (const file of [files[at % 12], files[(at * 5 + 1) % 12]]) {
      if (!file) continue;
      text.edit(file.lines, 12);
      const content = `${file.lines.join('\n')}\n`;
      out += `M 100644 inline ${file.path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
    }
    yield Buffer.from(`${out}\n`);
  }
}
