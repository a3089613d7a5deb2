import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The command line as one file, so that it can be copied anywhere and run by Node alone. */
async function buildCommandLine(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/cli/holdfast.ts'],
    outfile: 'dist/holdfast.mjs',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    keepNames: true,
    // The SDK's own ES modules are half the size of what Node would pick.
    mainFields: ['module', 'main'],
    // Libraries in CommonJS call require for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

await buildCommandLine();
