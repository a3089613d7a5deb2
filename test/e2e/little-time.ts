import { slowBody } from '../support/git-faults.ts';
import { generatedContent } from '../support/codeartifact/content.ts';
import type { PackageName } from '../support/codeartifact/model.ts';
import { libraries } from './packages.ts';
import { deployment, type World } from './world.ts';

/** Publishes a version whose asset takes twenty seconds when it is read for the first time, and then none. */
export function publishSlowly(world: World, name: PackageName, quiet: boolean): void {
  const { codeartifact } = world;
  const path = new RegExp(`^/GetPackageVersionAsset/.*/${name.package}/`);
  codeartifact.faults.push(slowBody({ bytesPerSecond: 10_000 }, { on: 'api', path, times: 1 }));
  const assets = { 'large.bin': generatedContent({ size: 200_000 }) };
  codeartifact.addVersion(libraries(world), { ...name, version: '1.0', assets, quiet });
}

/** Gives a function six seconds for its work; what takes longer it has to hand over. */
export async function inLittleTime({ aws }: World, name: string, work: () => Promise<void>): Promise<void> {
  const path = `/2015-03-31/functions/${deployment}-${name}`;
  const { FunctionVersion } = await aws.call<{ FunctionVersion: string }>('lambda', `GET ${path}/aliases/live`);
  // A function stops twenty seconds before its time is over.
  await aws.call('lambda', `PUT ${path}/configuration`, { Timeout: 26 });
  const { Version } = await aws.call<{ Version: string }>('lambda', `POST ${path}/versions`, {});
  if (Version === FunctionVersion) throw new Error(`${name} was not published again`);
  await aws.call('lambda', `PUT ${path}/aliases/live`, { FunctionVersion: Version });
  try {
    await work();
  } finally {
    await aws.call('lambda', `PUT ${path}/aliases/live`, { FunctionVersion });
  }
}
