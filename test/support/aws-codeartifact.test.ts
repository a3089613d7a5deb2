import { createHash } from 'node:crypto';
import {
  CodeartifactClient,
  GetAuthorizationTokenCommand,
  GetPackageVersionAssetCommand,
  ListPackagesCommand,
  PublishPackageVersionCommand,
} from '@aws-sdk/client-codeartifact';
import { expect } from 'chai';
import { describeWithAws, eventually } from './aws/suite.ts';
import { toEventBridge } from './codeartifact/events.ts';
import { startCodeArtifact, type CodeArtifact } from './codeartifact-server.ts';

let codeartifact: CodeArtifact;

async function beside(): Promise<{ env: Record<string, string> }> {
  codeartifact = await startCodeArtifact();
  return { env: { LOCAL_AWS_CODEARTIFACT_URL: codeartifact.url } };
}

describeWithAws(
  'CodeArtifact behind the local AWS stand-in',
  (aws) => {
    const place = { domain: 'company', repository: 'libraries' };
    const files = {
      ...place,
      format: 'generic',
      namespace: 'team',
      package: 'files',
      packageVersion: '1+a/b c',
    } as const;
    let client: CodeartifactClient;

    before(() => {
      client = new CodeartifactClient({
        ...codeartifact.clientConfig,
        endpoint: aws.server().endpoint,
        maxAttempts: 1,
      });
      codeartifact.onEvent = toEventBridge(aws);
      codeartifact.addRepository(codeartifact.addDomain('company'), 'libraries');
    });

    after(async () => {
      client.destroy();
      await codeartifact.close();
    });

    it('is reached through it, with bodies, answers and errors as they are', async () => {
      const assetContent = Buffer.from('x'.repeat(300_000));
      const assetSHA256 = createHash('sha256').update(assetContent).digest('hex');
      const published = new PublishPackageVersionCommand({ ...files, assetName: 'a.bin', assetContent, assetSHA256 });
      expect((await client.send(published)).status).to.equal('Published');
      const answer = await client.send(new GetPackageVersionAssetCommand({ ...files, asset: 'a.bin' }));
      expect(await answer.asset?.transformToString()).to.equal(assetContent.toString());
      expect(answer.packageVersion).to.equal(files.packageVersion);
      const missing = client.send(new ListPackagesCommand({ ...place, repository: 'none' }));
      expect(await missing.catch((error: unknown) => error)).to.include({
        name: 'ResourceNotFoundException',
        resourceType: 'repository',
      });
    });

    it('records each call with the permissions that it needs', async () => {
      await codeartifact.settled(); // its events are calls, too
      await aws.server().forgetCalls();
      await client.send(new GetAuthorizationTokenCommand({ domain: 'company' }));
      await client.send(new GetPackageVersionAssetCommand({ ...files, asset: 'a.bin' }));
      await client.send(new ListPackagesCommand({ ...place, domainOwner: '123456789012' }));
      const calls = await aws.server().calls();
      const arn = 'arn:aws:codeartifact:us-east-1:123456789012';
      expect(calls.map(({ permissions }) => permissions)).to.deep.equal([
        [
          { action: 'codeartifact:GetAuthorizationToken', resource: `${arn}:domain/company` },
          { action: 'sts:GetServiceBearerToken', resource: '*' },
        ],
        [
          {
            action: 'codeartifact:GetPackageVersionAsset',
            resource: `${arn}:package/company/libraries/generic/team/files`,
          },
        ],
        [{ action: 'codeartifact:ListPackages', resource: `${arn}:repository/company/libraries` }],
      ]);
      expect(calls.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    });

    it('tells EventBridge of each change', async () => {
      const QueueName = 'publications';
      const { QueueUrl } = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName });
      const EventPattern = JSON.stringify({ source: ['aws.codeartifact'], detail: { packageFormat: ['maven'] } });
      await aws.call('events', 'PutRule', { Name: QueueName, EventPattern });
      const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:us-east-1:123456789012:${QueueName}` }];
      await aws.call('events', 'PutTargets', { Rule: QueueName, Targets });

      const libraries = codeartifact.findDomain('company').repositories.get('libraries')!;
      const assets = { 'tool-1.0.jar': 'jar' };
      const tool = { format: 'maven', namespace: 'com.example', package: 'tool', version: '1.0', assets } as const;
      const { revision } = codeartifact.addVersion(libraries, tool);
      const event = await eventually(async () => {
        const received = await aws.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl });
        const [message] = received.Messages ?? [];
        return message && (JSON.parse(message.Body) as Record<string, unknown>);
      });
      expect(event).to.deep.include({
        'detail-type': 'CodeArtifact Package Version State Change',
        source: 'aws.codeartifact',
        resources: ['arn:aws:codeartifact:us-east-1:123456789012:package/company/libraries/maven/com.example/tool'],
      });
      expect(event['detail']).to.include({
        domainName: 'company',
        packageNamespace: 'com.example',
        packageVersion: '1.0',
        packageVersionState: 'Published',
        packageVersionRevision: revision,
        operationType: 'Created',
      });
    });
  },
  beside,
);
