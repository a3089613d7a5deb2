/** What is loaded only when it is needed, because most commands on a laptop do without it. */
const late = {
  s3: () => import('@aws-sdk/client-s3'),
  github: () => Promise.all([import('@aws-sdk/client-secrets-manager'), import('@octokit/rest'), import('bottleneck')]),
  codecommit: () => import('@aws-sdk/client-codecommit'),
  codeartifact: () => Promise.all([import('@aws-sdk/client-codeartifact'), import('bottleneck')]),
};

/**
 * Loads what a function will need in any case. While it starts, Lambda gives it a whole processor, and afterwards only
 * the share that belongs to its memory.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 * @param what `source` stands for that of the deployment
 */
export async function loadEarly(
  what: readonly ('s3' | 'source')[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const source = Object.entries(late).find(([name]) => name === env['HOLDFAST_SOURCE'])?.[1];
  await Promise.all(what.map(async (name) => (name === 'source' ? source?.() : late[name]())));
}
