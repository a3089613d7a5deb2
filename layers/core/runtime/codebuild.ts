import { awsConfig } from './aws-clients.ts';

/** Starts a build of a CodeBuild project with its own variables. */
export async function startBuild(project: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const { CodeBuildClient, StartBuildCommand } = await import('@aws-sdk/client-codebuild');
  const client = new CodeBuildClient(awsConfig());
  try {
    const { build } = await client.send(
      new StartBuildCommand({
        projectName: project,
        environmentVariablesOverride: Object.entries(variables).map(([name, value]) => ({
          name,
          value,
          type: 'PLAINTEXT',
        })),
      }),
    );
    return build?.id ?? '';
  } finally {
    client.destroy();
  }
}
