/** Loaded before the program on an instance of a test: what its mount has noted stands in /proc/self/mountinfo, too. */
import promises from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { readFile } = promises;
promises.readFile = async (file, ...rest) => {
  const text = await readFile(file, ...rest);
  return file === '/proc/self/mountinfo' && existsSync('mountinfo') ? text + readFileSync('mountinfo', 'utf8') : text;
};
syncBuiltinESMExports();
