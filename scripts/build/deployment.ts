import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { buildCommandLine, buildSingleFile } from './command-line.ts';
import { common, root } from './options.ts';
import { writeZip } from './zip.ts';

/** Where the layer's code is in Lambda: its zip is unpacked into /opt. */
const layerRoot = '/opt/holdfast';

const dist = path.join(root, 'dist');

/** Makes the zip of each function, the layer and the command line, prints their sizes, and lists their digests. */
export async function buildDeployment(): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'holdfast-build-'));
  try {
    await mkdir(path.join(dist, 'functions'), { recursive: true });
    const imported = new Set<string>();
    const names = await functionNames();
    for (const name of names) await buildFunction(name, scratch, imported);
    await buildLayer([...imported].sort(), scratch);
    await Promise.all([buildCommandLine(), buildSingleFile()]);
    await writeZip(path.join(dist, 'command-line.zip'), new Map([['holdfast.mjs', path.join(dist, 'holdfast.mjs')]]));
    const artefacts = [
      ...names.map((name) => `functions/${name}.zip`),
      'layer.zip',
      'command-line.zip',
      'holdfast.mjs',
    ];
    await writeDigests(artefacts);
    for (const artefact of artefacts) await printSize(artefact);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function functionNames(): Promise<string[]> {
  const entries = await readdir(path.join(root, 'functions'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** A function holds its handler alone; what it imports from the core it takes from the layer. */
async function buildFunction(name: string, scratch: string, imported: Set<string>): Promise<void> {
  const outfile = path.join(scratch, name, 'index.mjs');
  await build({ ...common, entryPoints: [`functions/${name}/index.ts`], outfile, plugins: [takeFromLayer(imported)] });
  await writeZip(path.join(dist, 'functions', `${name}.zip`), new Map([['index.mjs', outfile]]));
}

/** Lets a bundle import the core and its libraries from the layer, and notes what it imports. */
function takeFromLayer(imported: Set<string>): Plugin {
  return {
    name: 'take-from-layer',
    setup(setup) {
      setup.onResolve({ filter: /^#core\// }, ({ path: specifier }) => {
        const module = specifier.slice('#core/'.length);
        imported.add(module);
        return { path: `${layerRoot}/core/${module.replace(/\.ts$/, '.js')}`, external: true };
      });
      // Libraries that functions use beside the core are re-exported by the layer, so that they are there once.
      setup.onResolve({ filter: /^(@aws-lambda-powertools\/metrics|valibot)$/ }, ({ path: specifier }) => {
        imported.add(specifier);
        return { path: `${layerRoot}/library/${libraryName(specifier)}.js`, external: true };
      });
    },
  };
}

function libraryName(specifier: string): string {
  return specifier.replace(/^@/, '').replaceAll('/', '-');
}

/** The modules that functions import, sharing what they have in common in chunks. */
async function buildLayer(imported: string[], scratch: string): Promise<void> {
  const outdir = path.join(scratch, 'layer');
  const entryPoints = imported.map((module) =>
    module.endsWith('.ts')
      ? { in: `layers/core/${module}`, out: `core/${module.replace(/\.ts$/, '')}` }
      : { in: module, out: `library/${libraryName(module)}` },
  );
  await build({ ...common, entryPoints, outdir, splitting: true, chunkNames: 'chunk/[name]-[hash]' });
  const files = new Map<string, string>();
  for (const entry of await readdir(outdir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.set(`holdfast/${path.relative(outdir, file).split(path.sep).join('/')}`, file);
  }
  // Without it Node would take the files for CommonJS.
  const manifest = path.join(scratch, 'package.json');
  await writeFile(manifest, '{"type":"module"}\n');
  files.set('holdfast/package.json', manifest);
  await writeZip(path.join(dist, 'layer.zip'), files);
}

/** In the form that `sha256sum --check` reads. */
async function writeDigests(artefacts: string[]): Promise<void> {
  const lines = await Promise.all(
    artefacts.map(async (artefact) => {
      const digest = createHash('sha256')
        .update(await readFile(path.join(dist, artefact)))
        .digest('hex');
      return `${digest}  ${artefact}\n`;
    }),
  );
  await writeFile(path.join(dist, 'SHA256SUMS'), lines.join(''));
}

async function printSize(artefact: string): Promise<void> {
  const { size } = await stat(path.join(dist, artefact));
  process.stdout.write(`${artefact.padEnd(28)} ${(size / 1000).toFixed(1).padStart(9)} kB\n`);
}
