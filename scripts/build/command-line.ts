import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { builtinModules } from 'node:module';
import { build, transform, type Plugin } from 'esbuild';
import { buildInfo } from './build-info.ts';
import { joinStart, type BuiltFile } from './join-start.ts';
import { common, root } from './options.ts';

const entryPoints = ['scripts/cli/holdfast.ts'];
const program = 'dist/cli/holdfast.mjs';
const chunks = 'dist/cli/chunk';

/** A process that began before a build may still load chunks of the build before, for as long, in milliseconds. */
const chunksKeptMs = 86_400_000;

/** The command line as a checkout runs it: each verb loads what it needs, and so starts in half the time. */
export async function buildCommandLine(): Promise<void> {
  const began = new Date();
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints,
    outdir: 'dist/cli',
    splitting: true,
    chunkNames: 'chunk/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    define: buildInfo('checkout'),
    write: false,
    metafile: true,
  });
  const files = await joinStart(program, outputFiles, metafile);
  for (const file of files.filter(({ path: name }) => name !== program)) await put(file, began);
  for (const file of files.filter(({ path: name }) => name === program)) await put(file, began);
  await removeChunksBefore(began.getTime() - chunksKeptMs);
}

async function removeChunksBefore(time: number): Promise<void> {
  for (const name of await readdir(path.join(root, chunks))) {
    const file = path.join(root, chunks, name);
    // Another build may remove it as well.
    const found = await stat(file).catch(() => undefined);
    if (found && found.mtimeMs < time) await rm(file, { force: true });
  }
}

/**
 * Two processes may find the program stale at once, and others run it while it is built: each file appears whole, and
 * the program after what it imports. It is as new as the sources were when they began to be read.
 */
async function put({ path: file, text }: BuiltFile, readAt: Date): Promise<void> {
  const name = path.join(root, file);
  const temporary = `${name}.${process.pid}`;
  await mkdir(path.dirname(name), { recursive: true });
  await writeFile(temporary, text);
  await utimes(temporary, readAt, readAt);
  await rename(temporary, name);
}

/** The command line as one file, so that it can be copied anywhere and run by Node alone. */
export async function buildSingleFile(): Promise<void> {
  await build({
    ...common,
    entryPoints,
    outfile: 'dist/holdfast.mjs',
    define: buildInfo('one file'),
    plugins: [builtinsOnDemand],
    banner: { js: `#!/usr/bin/env node\n{${await checkOfNode()}}${common.banner.js}` },
  });
}

/**
 * Node's own modules by `require` instead of `import`: imports are resolved before the first line runs, so an old Node
 * that lacks one would print the file instead of the sentence that it is too old.
 */
const builtinsOnDemand: Plugin = {
  name: 'builtins-on-demand',
  setup(setup) {
    const builtins = new Set(builtinModules);
    setup.onResolve({ filter: /^[a-z:/_0-9]+$/ }, ({ path: name, namespace }) => {
      if (!name.startsWith('node:') && !builtins.has(name)) return undefined;
      return namespace === 'builtin' ? { path: name, external: true } : { path: name, namespace: 'builtin' };
    });
    setup.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(name)});`,
    }));
  },
};

/** It runs before anything of the program, and as a block of its own: its names are not the program's. */
async function checkOfNode(): Promise<string> {
  const { code } = await transform(await readFile(path.join(root, 'scripts/check-node.mjs'), 'utf8'), { minify: true });
  return code.trim();
}
