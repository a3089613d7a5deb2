import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each file of the program imports of it: values, types, and what is loaded later. */
function importsOfAll(): Map<string, string[]> {
  const files = execFileSync('git', ['ls-files', '-z', 'layers', 'functions', 'scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((name) => /\.(ts|mjs)$/.test(name));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), 'utf8'));
      const names = importedFiles.map(({ fileName }) =>
        fileName.startsWith('#core/') ? `layers/core/${fileName.slice(6)}` : path.join(path.dirname(file), fileName),
      );
      return [file, names.filter((name) => known.has(name))];
    }),
  );
}

/** A way from a file back to itself, for each that is on one; found while going down from any file. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

describe('imports', () => {
  it('are found as they are written, and circles among them', () => {
    expect(importsOfAll().get('scripts/cli/main.ts')).to.include('scripts/cli/commands/list/command.ts');
    expect(
      circlesIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).to.deep.equal(['b → c → b']);
  });

  it('never lead back to where they began, not even those of types', () => {
    expect(circlesIn(importsOfAll())).to.deep.equal([]);
  });
});
