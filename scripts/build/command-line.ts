import { build } from 'esbuild';
import { common } from './options.ts';

/** The command line as one file, so that it can be copied anywhere and run by Node alone. */
export async function buildCommandLine(): Promise<void> {
  await build({ ...common, entryPoints: ['scripts/cli/holdfast.ts'], outfile: 'dist/holdfast.mjs' });
}
