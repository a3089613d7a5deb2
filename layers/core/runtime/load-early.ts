/** What is loaded only when it is needed, because most commands on a laptop do without it. */
const late = {
  s3: () => import('@aws-sdk/client-s3'),
  secrets: () => import('@aws-sdk/client-secrets-manager'),
  github: () => Promise.all([import('@octokit/rest'), import('bottleneck')]),
};

/**
 * Loads what a function will need in any case. While it starts, Lambda gives it a whole processor, and afterwards only
 * the share that belongs to its memory.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 */
export async function loadEarly(...names: readonly (keyof typeof late)[]): Promise<void> {
  await Promise.all(names.map((name) => late[name]()));
}
