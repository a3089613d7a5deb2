import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { satisfies } from 'semver';
import * as v from 'valibot';

const lock = v.object({
  packages: v.record(
    v.string(),
    v.object({
      dev: v.optional(v.boolean(), false),
      engines: v.optional(v.looseObject({ node: v.optional(v.string()) })),
    }),
  ),
});

/** The oldest of each line that is supported. */
const oldest = ['20.19.0', '22.0.0', '24.0.0'];

describe('what is locked', () => {
  for (const node of oldest)
    it(`allows Node.js ${node}, all that is installed for users`, async () => {
      const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
      const { packages } = v.parse(lock, JSON.parse(await readFile(file, 'utf8')));
      const refusing = Object.entries(packages).filter(
        ([, { dev, engines }]) => !dev && engines?.node !== undefined && !satisfies(node, engines.node),
      );
      expect(refusing.map(([name, { engines }]) => `${name} wants ${engines?.node ?? ''}`)).to.deep.equal([]);
    });
});
