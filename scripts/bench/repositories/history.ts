import { hotShare, type HistoryShape } from './history-shape.ts';
import { SeededRandom } from './random.ts';
import { schedule, type Change } from './schedule.ts';
import { SourceText } from './source-text.ts';

/** 2020-01-01T00:00:00Z; each commit is an hour later than the one before. */
const firstDate = 1_577_836_800;
const commitsPerTag = 150;
const commitsPerBranch = 400;

/**
 * A history as input for `git fast-import`: text files changed in place, merged and open pull requests, branches and
 * annotated tags. All versions of a file come one after the other, so that fast-import stores them as deltas.
 */
export function* history(shape: HistoryShape): Generator<Buffer> {
  const { changes, ofFile } = schedule(shape);
  const text = new SourceText(new SeededRandom(`${shape.seed} text`));
  const paths = pathsOf(shape.files, text);
  let mark = 0;
  for (const [file, touching] of ofFile.entries()) {
    const size = shape.linesOfFile * (file < hotShare * shape.files ? 3 : 1);
    const lines = text.lines(new SeededRandom(`${shape.seed} ${file}`).skewed(size));
    for (const [version, change] of touching.entries()) {
      if (version > 0) text.edit(lines, shape.linesOfChange);
      mark += 1;
      change.marks[change.files.indexOf(file)] = mark;
      yield blob(mark, lines);
    }
  }
  yield* commits(changes, paths, text, mark);
}

function blob(mark: number, lines: readonly string[]): Buffer {
  const content = `${lines.join('\n')}\n`;
  return Buffer.from(`blob\nmark :${mark}\ndata ${Buffer.byteLength(content)}\n${content}\n`);
}

/** About twenty files to a folder, and twenty folders to the folder above. */
function pathsOf(files: number, text: SourceText): string[] {
  const folders = Array.from(
    { length: Math.ceil(files / 20) },
    (_, at) => `src-${Math.floor(at / 20)}/${text.name()}-${at}`,
  );
  return Array.from({ length: files }, (_, at) => `${folders[at % folders.length] ?? ''}/${text.name()}-${at}.ts`);
}

function* commits(
  changes: readonly Change[],
  paths: readonly string[],
  text: SourceText,
  lastMark: number,
): Generator<Buffer> {
  let mark = lastMark;
  let main = 0;
  let pulls = 0;
  let count = 0;
  const commit = (ref: string, parents: readonly number[], files: string): string => {
    mark += 1;
    count += 1;
    const message = `${text.sentence()}\n`;
    const who = `Author ${count % 40} <author-${count % 40}@example.org> ${firstDate + count * 3600} +0000`;
    const [from, merged] = parents;
    return (
      `commit ${ref}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n${message}` +
      `${from ? `from :${from}\n` : ''}${merged ? `merge :${merged}\n` : ''}${files}\n`
    );
  };
  for (const change of changes) {
    const files = change.files.map((file, at) => `M 100644 :${change.marks[at] ?? 0} ${paths[file] ?? ''}\n`).join('');
    let out = '';
    if (change.kind === 'direct') {
      out += commit('refs/heads/main', [main], files);
      main = mark;
    } else {
      pulls += 1;
      out += commit(`refs/pull/${pulls}/head`, [main], files);
      const ref = change.kind === 'merged' ? 'refs/heads/main' : `refs/pull/${pulls}/merge`;
      out += commit(ref, [main, mark], files);
      if (change.kind === 'merged') main = mark;
    }
    if (count % commitsPerTag === 0) out += tag(`v${count / commitsPerTag}`, main, text.sentence());
    if (count % commitsPerBranch === 0) out += `reset refs/heads/${text.name()}-${count}\nfrom :${main}\n\n`;
    yield Buffer.from(out);
  }
}

function tag(name: string, mark: number, message: string): string {
  return `tag ${name}\nfrom :${mark}\ntagger Release <release@example.org> ${firstDate + mark} +0000\ndata ${message.length}\n${message}\n`;
}
