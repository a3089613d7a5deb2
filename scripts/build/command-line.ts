import { build } from 'esbuild';
import { buildInfo } from './build-info.ts';
import { common } from './options.ts';

const entryPoints = ['scripts/cli/holdfast.ts'];

/** The command line as a checkout runs it: each verb loads what it needs, and so starts in half the time. */
export async function buildCommandLine(): Promise<void> {
  await build({
    ...common,
    entryPoints,
    outdir: 'dist/cli',
    splitting: true,
    chunkNames: 'chunk/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    define: buildInfo('checkout'),
  });
}

/** The command line as one file, so that it can be copied anywhere and run by Node alone. */
export async function buildSingleFile(): Promise<void> {
  await build({ ...common, entryPoints, outfile: 'dist/holdfast.mjs', define: buildInfo('one file') });
}
