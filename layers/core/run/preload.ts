import { deployedDefinition } from './deployed-source.ts';
import { loadKind } from './kinds/table.ts';

/**
 * Loads what a function will need in any case. While it starts, Lambda gives it a whole processor, and afterwards only
 * the share that belongs to its memory.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 * @param what `source` stands for that of the deployment, and `kinds` for those that feed on it
 */
export async function loadEarly(
  what: readonly ('s3' | 'source' | 'kinds')[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const late = {
    s3: () => import('@aws-sdk/client-s3'),
    source: () => deployedDefinition(env).deployed.preload(),
    kinds: () => Promise.all(deployedDefinition(env).kinds.map((name) => loadKind(name))),
  };
  await Promise.all(what.map((name) => late[name]()));
}
