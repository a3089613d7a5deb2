/**
 * The tests' stand-in for CodeArtifact as a program of its own. Arguments: how many assets, how many of them a version
 * has, and how many bytes each.
 */
import { generatedContent } from '../../test/support/codeartifact/content.ts';
import { startCodeArtifact } from '../../test/support/codeartifact-server.ts';

const [assets = 1, perVersion = 1, bytes = 1] = process.argv.slice(2).map(Number);
const registry = await startCodeArtifact();
const repository = registry.addRepository(registry.addDomain('company'), 'libraries');
for (let at = 0; at < assets; at += perVersion) {
  const names = Array.from({ length: perVersion }, (_, asset) => `part-${asset}.bin`);
  const version = `1.${at / perVersion}`;
  const contents = names.map((name) => [name, generatedContent({ size: bytes, seed: `${version} ${name}` })] as const);
  // What is stated of each is known before anything is measured.
  await Promise.all(contents.map(([, content]) => content.hashes()));
  registry.addVersion(repository, {
    format: 'generic',
    namespace: 'bench',
    package: 'parts',
    version,
    assets: Object.fromEntries(contents),
    quiet: true,
  });
}
process.on('message', () => process.send?.({ requests: registry.requests.length, bytes: 0 }));
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.send?.({ url: registry.url });
