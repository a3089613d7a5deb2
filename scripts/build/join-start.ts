import path from 'node:path';
import { build, type BuildOptions, type Metafile, type OutputFile } from 'esbuild';
import { common, root } from './options.ts';

/**
 * Joins the chunks that are loaded at every start into one: Node takes almost as long to load a small module as to run
 * it, and esbuild cuts a chunk for each combination of verbs that shares code.
 * @param files what esbuild made of an entry point with `splitting`
 * @returns the same program in fewer files
 */
export async function joinStart(entry: string, files: readonly OutputFile[], metafile: Metafile): Promise<BuiltFile[]> {
  const nameOf = (file: string): string => path.relative(root, file);
  const texts = new Map(files.map((file) => [nameOf(file.path), file.text]));
  const start = [...loadedWith(entry, metafile.outputs)].filter((name) => name !== entry);
  const folder = path.dirname(start[0] ?? entry);
  const joined = await join(start, texts, metafile);
  const at = new Map(start.map((name, number) => [path.basename(name), number]));
  const kept = [...texts].filter(([name]) => !start.includes(name));
  return [
    { path: path.join(folder, joined.name), text: joined.text },
    ...kept.map(([name, text]) => {
      const to = path.relative(path.dirname(name), path.join(folder, joined.name));
      return { path: name, text: importFrom(`./${to}`, text, at) };
    }),
  ];
}

export interface BuiltFile {
  /** From the project's root. */
  path: string;
  text: string;
}

/** What is loaded before the first line of a file runs. */
function loadedWith(file: string, outputs: Metafile['outputs'], found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path: imported, kind } of outputs[file]?.imports ?? [])
    if (kind === 'import-statement' && outputs[imported]) loadedWith(imported, outputs, found);
  return found;
}

/** One module of several, whose exports have the number of their module behind their name. */
async function join(
  names: readonly string[],
  texts: ReadonlyMap<string, string>,
  { outputs }: Metafile,
): Promise<{ name: string; text: string }> {
  const contents = names.map((name, number) => {
    const exported = (outputs[name]?.exports ?? []).map((one) => `${one} as ${numbered(one, number)}`);
    return `export {${exported.join(',')}} from './${name}';`;
  });
  const options: BuildOptions = {
    ...common,
    banner: {},
    stdin: { contents: contents.join('\n'), resolveDir: root },
    outfile: 'start.mjs',
    entryNames: '[name]-[hash]',
    write: false,
    plugins: [
      {
        name: 'built-already',
        setup(setup) {
          setup.onResolve({ filter: /^\./ }, ({ path: to, resolveDir, kind }) => {
            const name = path.relative(root, path.resolve(resolveDir, to));
            return names.includes(name) && kind !== 'dynamic-import'
              ? { path: name, namespace: 'built' }
              : { path: `./${path.basename(to)}`, external: true };
          });
          setup.onLoad({ filter: /.*/, namespace: 'built' }, ({ path: name }) => ({
            contents: texts.get(name) ?? '',
            resolveDir: path.join(root, path.dirname(name)),
          }));
        },
      },
    ],
  };
  const { outputFiles = [] } = await build(options);
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild joined no chunks');
  return { name: path.basename(file.path), text: file.text };
}

const numbered = (name: string, number: number): string => `${name}$${number}`;

/** Takes what came from joined modules from the one in their place. As esbuild writes imports when it minifies them. */
function importFrom(joined: string, text: string, at: ReadonlyMap<string, number>): string {
  const names: string[] = [];
  const rest = text.replace(/import(?:\{([^{}]*)\}from)?"\.\/(?:[^"/]+\/)*([^"/]+)";/g, (all, list, file: string) => {
    const number = at.get(file);
    if (number === undefined) return all;
    for (const one of typeof list === 'string' ? list.split(',') : []) {
      const [name = '', own = name] = one.split(' as ');
      names.push(`${numbered(name, number)} as ${own}`);
    }
    return '';
  });
  return rest === text ? text : `import{${names.join(',')}}from"${joined}";\n${rest}`;
}
