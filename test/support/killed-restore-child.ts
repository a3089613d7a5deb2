/**
 * Runs the command line and is killed at a step of a restore's journal. Arguments: which append, counted from 0; whether
 * `before` or `after` it, or in its `middle`; then those of the command line.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [step = '', moment = '', ...args] = process.argv.slice(2);
let appended = 0;
const append = fs.appendFile.bind(fs);

async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

Reflect.set(fs, 'appendFile', async (file: string, text: string, options: object) => {
  const here = appended++ === Number(step);
  if (here && moment === 'before') await die();
  await append(file, here && moment === 'middle' ? text.slice(0, text.length / 2) : text, options);
  if (here) await die();
});
syncBuiltinESMExports();

const { main } = await import('../../scripts/cli/main.ts');
await main(args);
