import { buildCommandLine, buildSingleFile } from './build/command-line.ts';
import { buildDeployment } from './build/deployment.ts';

/**
 * `npm run build` makes all that is deployed, in `dist/`; with `--cli` only the command line, which is what a
 * checkout needs to run it, and with `--file` only the command line as one file.
 */
if (process.argv.includes('--cli')) await buildCommandLine();
else if (process.argv.includes('--file')) await buildSingleFile();
else await buildDeployment();
