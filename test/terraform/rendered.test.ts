import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { bootstrap, everything, given, least, leastBootstrap, locked, name, seed } from '../e2e/rehearsal/settings.ts';
import { checkBuildspec } from '../e2e/rehearsal/buildspecs.ts';
import { Workplace } from '../e2e/rehearsal/workplace.ts';
import { checkLimits } from '../support/aws-limits.ts';
import { checkQuotas } from '../support/aws-quotas.ts';
import { checkPolicy } from '../support/aws-policies/check-policy.ts';
import { policiesOf, resourcesOf, textsOf, type Resource } from '../support/aws-policies/rendered.ts';
import { checkPattern } from '../support/event-patterns/check-pattern.ts';
import { matchesPattern } from '../support/event-patterns/match-pattern.ts';
import { localAwsAvailable, startLocalAws, type LocalAws } from '../support/local-aws.ts';
import { parsePolicy, type PolicyDocument } from '../support/aws-policies/document.ts';
import { isAllowed, type Request } from '../support/aws-policies/simulate.ts';
import { useTemporaryFolders } from '../support/repositories.ts';
import { askedOfApply, askedOfReplication, takenBack, withoutMend } from './taken-back.ts';

interface Sample {
  /** The address of the rule. */
  rule: string;
  title: string;
  event: { detail: object } & Record<string, unknown>;
  changes?: { detail?: object } & Record<string, unknown>;
  heard: boolean;
}

// As AWS documents them, in the account and region of the stand-in.
const common = {
  version: '0',
  id: '1c3a2b',
  account: '123456789012',
  time: '2026-11-20T01:00:00Z',
  region: 'us-east-1',
};
const push = {
  ...common,
  // https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
  source: 'aws.codecommit',
  'detail-type': 'CodeCommit Repository State Change',
  resources: ['arn:aws:codecommit:us-east-1:123456789012:shop-api'],
  detail: {
    event: 'referenceUpdated',
    repositoryName: 'shop-api',
    repositoryId: '12345678-1234-5678-abcd-12345678abcd',
    referenceType: 'branch',
    referenceName: 'main',
    referenceFullName: 'refs/heads/main',
    commitId: '3e5983EXAMPLE',
    oldCommitId: '3e5983ESEXAMPLE',
  },
};
const deletion = {
  ...common,
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
  source: 'aws.codecommit',
  'detail-type': 'AWS API Call via CloudTrail',
  detail: {
    eventSource: 'codecommit.amazonaws.com',
    eventName: 'DeleteRepository',
    requestParameters: { repositoryName: 'shop-api' },
  },
};
const publication = {
  ...common,
  // https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html
  source: 'aws.codeartifact',
  'detail-type': 'CodeArtifact Package Version State Change',
  resources: ['arn:aws:codeartifact:us-east-1:123456789012:package/company/libraries/maven/com.example/app'],
  detail: {
    domainName: 'company',
    domainOwner: '123456789012',
    repositoryName: 'libraries',
    repositoryAdministrator: '123456789012',
    packageFormat: 'maven',
    packageNamespace: 'com.example',
    packageName: 'app',
    packageVersion: '1.0',
    packageVersionState: 'Published',
    packageVersionRevision: 'E7Bw',
    changes: { assetsAdded: 0, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: 'false', statusChanged: 'true' },
    operationType: 'Updated',
    sequenceNumber: 2,
  },
};
const termination = {
  ...common,
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
  source: 'aws.autoscaling',
  'detail-type': 'EC2 Instance-terminate Lifecycle Action',
  resources: ['auto-scaling-group-arn'],
  detail: {
    LifecycleActionToken: '87654321-4321-4321-4321-210987654321',
    AutoScalingGroupName: 'full-efs-home',
    LifecycleHookName: 'terminate',
    EC2InstanceId: 'i-1234567890abcdef0',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  },
};

const ofPushes = 'module.given.module.codecommit[0].aws_cloudwatch_event_rule.events["pushes"]';
const ofDeletions = 'module.given.module.codecommit[0].aws_cloudwatch_event_rule.events["deletions"]';
const ofForeignPushes = 'module.everything.module.codecommit[0].aws_cloudwatch_event_rule.events["pushes"]';
const ofPackages = 'module.everything.module.codeartifact[0].aws_cloudwatch_event_rule.events["changes"]';
const ofAllPackages = 'module.given.module.codeartifact[0].aws_cloudwatch_event_rule.events["changes"]';
const ofInstances = 'module.everything.module.efs[0].aws_cloudwatch_event_rule.events["instances"]';

const samples: Sample[] = [
  { rule: ofPushes, title: 'a push', event: push, heard: true },
  {
    rule: ofPushes,
    title: 'a new branch',
    event: push,
    changes: { detail: { event: 'referenceCreated', oldCommitId: undefined } },
    heard: true,
  },
  {
    rule: ofPushes,
    title: 'a comment',
    event: push,
    changes: { 'detail-type': 'CodeCommit Comment on Commit' },
    heard: false,
  },
  { rule: ofPushes, title: 'a push in another region', event: push, changes: { region: 'eu-west-1' }, heard: false },
  {
    rule: ofForeignPushes,
    title: 'a push in the account that it reads',
    event: push,
    changes: { account: '210987654321' },
    heard: true,
  },
  { rule: ofForeignPushes, title: 'a push in its own account, which it does not read', event: push, heard: false },
  { rule: ofDeletions, title: 'a deletion of a repository', event: deletion, heard: true },
  {
    rule: ofDeletions,
    title: 'a deletion that was refused',
    event: deletion,
    changes: { detail: { errorCode: 'AccessDenied' } },
    heard: false,
  },
  { rule: ofPackages, title: 'a publication in a chosen repository', event: publication, heard: true },
  {
    rule: ofPackages,
    title: 'a publication in another repository',
    event: publication,
    changes: { detail: { repositoryName: 'sandbox' } },
    heard: false,
  },
  {
    rule: ofPackages,
    title: "a chosen format in another account's domain",
    event: publication,
    changes: {
      detail: { domainName: 'partner', domainOwner: '210987654321', repositoryName: 'any', packageFormat: 'npm' },
    },
    heard: true,
  },
  {
    rule: ofPackages,
    title: "another format in that account's domain",
    event: publication,
    changes: { detail: { domainName: 'partner', domainOwner: '210987654321', packageFormat: 'maven' } },
    heard: false,
  },
  {
    rule: ofPackages,
    title: 'a version that is not finished',
    event: publication,
    changes: { detail: { packageVersionState: 'Unfinished' } },
    heard: false,
  },
  {
    rule: ofAllPackages,
    title: 'a publication anywhere, without a filter',
    event: publication,
    changes: { detail: { repositoryName: 'any', packageFormat: 'cargo' } },
    heard: true,
  },
  {
    rule: ofAllPackages,
    title: 'a publication in a domain of another account, without a filter',
    event: publication,
    changes: { detail: { domainOwner: '210987654321' } },
    heard: false,
  },
  { rule: ofInstances, title: 'the end of an instance', event: termination, heard: true },
  {
    rule: ofInstances,
    title: 'the end of an instance of another group',
    event: termination,
    changes: { detail: { AutoScalingGroupName: 'full-efs-other' } },
    heard: false,
  },
];

/** The settings of a root configuration, as one that calls the module writes them: its provider has the tags. */
function asModule({ tags: _, ...settings }: Record<string, unknown>): Record<string, unknown> {
  return { ...settings, source: '../modules/holdfast', artifacts: '../tests/artifacts' };
}

const missing = [
  spawnSync('terraform', ['version']).status === 0 || 'needs terraform 1.11 or newer',
  localAwsAvailable(),
].filter((answer) => answer !== true);

// What a plan knows already: all policies of terraform/bootstrap, event patterns, builds. The rest, which has ARNs that
// only AWS gives, the end-to-end test looks at.
describe(`what a plan renders${missing.length === 0 ? '' : ` (skipped: ${missing.join('; ')})`}`, function () {
  this.timeout(600_000);
  const folder = useTemporaryFolders();
  let aws: LocalAws | undefined;
  let workplace: Workplace;
  let resources: Resource[];

  before(async function () {
    if (missing.length > 0) this.skip();
    aws = await startLocalAws();
    const surroundings = await seed(aws);
    const copy = path.join(await folder(), 'terraform');
    workplace = await Workplace.create(copy, '.', aws, {});
    await mkdir(path.join(copy, 'all'));
    const all = new Workplace(copy, 'all', aws);
    const modules = {
      everything: asModule(everything(surroundings)),
      given: asModule(given(surroundings)),
      least: asModule(least),
      locked: asModule(locked(surroundings)),
      bootstrap: { source: '../bootstrap', ...bootstrap(surroundings) },
      least_bootstrap: { source: '../bootstrap', ...leastBootstrap },
    };
    await all.write('main.tf.json', JSON.stringify({ module: modules }));
    try {
      await all.terraform('init', '-input=false', '-no-color');
    } catch (error) {
      if (!/could not connect|no such host/.test(String(error))) throw error;
      this.test!.title += ' (skipped: needs the registry of providers, or TF_CLI_CONFIG_FILE with a copy of them)';
      this.skip();
    }
    await all.terraform('plan', '-input=false', '-no-color', '-lock=false', '-out=plan');
    resources = resourcesOf(JSON.parse(await all.terraform('show', '-json', 'plan')));
  });

  after(async () => {
    await aws?.close();
  });

  it('has policies of which AWS knows each action, on such resources and with such conditions', async () => {
    expect(policiesOf(resources)).to.have.length.above(10);
    expect(await problemsOfPolicies(resources)).to.deep.equal([]);
  });

  it('has policies that fit into IAM, also with the longest names of a deployment and of a region', () => {
    expect([...textsOf(resources, 'aws_iam_policy', 'policy').keys()]).to.include(boundary);
    expect(problemsOfSizes(resources)).to.deep.equal([]);
  });

  it('has event patterns that EventBridge takes', () => {
    expect([...textsOf(resources, 'aws_cloudwatch_event_rule', 'event_pattern')]).to.have.length.above(8);
    expect(problemsOfPatterns(resources)).to.deep.equal([]);
  });

  it('has names, texts and tags that AWS takes, also with the longest name of a deployment', () => {
    expect(problemsOfQuotas(resources)).to.deep.equal([]);
  });

  it('has numbers, schedules and retries that AWS takes', () => {
    expect(resources.flatMap(checkLimits)).to.deep.equal([]);
  });

  it('has builds that ask for what the images of CodeBuild have', () => {
    expect(resources.filter(({ type }) => type === 'aws_codebuild_project')).to.have.length.above(3);
    expect(resources.flatMap(checkBuildspec)).to.deep.equal([]);
  });

  it('has roles that may do what AWS asks behind the calls of others', async () => {
    expect(await refusedOf(resources)).to.deep.equal([]);
  });

  for (const one of takenBack)
    it(`would be found without this mend: ${one.mend}`, async () => {
      const changed = withoutMend(resources, one);
      const about = changed.filter(({ address }) => address === one.address);
      const problems = [
        ...(await problemsOfPolicies(about)),
        ...problemsOfSizes(about),
        ...problemsOfPatterns(about),
        ...problemsOfQuotas(about),
        ...about.flatMap(checkLimits),
        ...about.flatMap(checkBuildspec),
        ...(await refusedOf(changed)),
      ];
      expect(problems.join('\n')).to.match(one.named);
    });

  for (const { rule, title, event, changes, heard } of samples)
    it(`${heard ? 'hears of' : 'does not hear of'} ${title}`, () => {
      const pattern = textsOf(resources, 'aws_cloudwatch_event_rule', 'event_pattern').get(rule);
      expect(pattern, rule).to.be.a('string');
      const detail = { ...event.detail, ...changes?.detail };
      expect(matchesPattern(pattern!, { ...event, ...changes, detail })).to.equal(heard);
    });

  it('plans the example, and what is set by default', async () => {
    const lines = ['-input=false', '-no-color', '-lock=false', '-var=artifacts=tests/artifacts'];
    await workplace.write('backend_override.tf', 'terraform {\n  backend "local" {}\n}\n');
    await workplace.terraform('init', '-input=false', '-no-color');
    expect(await workplace.terraform('plan', ...lines)).to.include('to add');
    expect(await workplace.terraform('plan', ...lines, '-var-file=terraform.tfvars.example')).to.include('to add');
  });
});

const boundary = 'module.bootstrap.aws_iam_policy.boundary';

async function problemsOfPolicies(resources: Resource[]): Promise<string[]> {
  const problems = policiesOf(resources).map(async ({ address, document }) =>
    (await checkPolicy(document)).map((problem) => `${address}: ${problem}`),
  );
  return (await Promise.all(problems)).flat();
}

/** Of the deployment with everything on, whose name is shorter than it may be. */
function problemsOfSizes(resources: Resource[]): string[] {
  const deploying = resources.filter(({ address }) => address.startsWith('module.bootstrap.'));
  return [...textsOf(deploying, 'aws_iam_policy', 'policy')].flatMap(([address, text]) => {
    const longest = text
      .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'a'.repeat(14))
      .replaceAll('us-east-1', 'ap-southeast-2');
    const { length } = longest.replace(/\s/g, '');
    return length > 6144 ? [`${address} has ${length} characters, of at most 6144`] : [];
  });
}

function problemsOfPatterns(resources: Resource[]): string[] {
  return [...textsOf(resources, 'aws_cloudwatch_event_rule', 'event_pattern')].flatMap(([address, text]) =>
    checkPattern(text).map((problem) => `${address}: ${problem}`),
  );
}

function problemsOfQuotas(resources: Resource[]): string[] {
  const problems = resources.flatMap((one) => {
    const deployment = /^module\.(everything|bootstrap)/.test(one.address) ? name : 'given';
    // With CodeArtifact a name has less room, which the root's variables say.
    const longest = JSON.stringify(one.values).includes('-codeartifact-') ? 12 : 14;
    return checkQuotas(one, longest - deployment.length);
  });
  return [...new Set(problems)];
}

/** What of the requests behind others the rendered policies do not let through. */
async function refusedOf(resources: Resource[]): Promise<string[]> {
  const named = (pattern: RegExp): { name: string; policy: PolicyDocument }[] =>
    resources.flatMap(({ address, values: { policy } }) =>
      pattern.test(address) && typeof policy === 'string' ? [{ name: address, policy: parsePolicy(policy) }] : [],
    );
  const arn = (role: string): string => `arn:aws:iam::123456789012:role/${role}`;
  const refused: string[] = [];
  for (const [who, policies, requests] of [
    [`${name}-deploy-apply`, named(/^module\.bootstrap\.aws_iam_policy\.deploy\[/), askedOfApply],
    ['locked-replication', named(/^module\.locked\..*aws_iam_role_policy\.replication\[0\]$/), askedOfReplication],
    ['boundary', named(/^module\.bootstrap\.aws_iam_policy\.boundary$/), askedOfReplication.map(ofEverything)],
  ] as const)
    for (const request of requests)
      if (!(await isAllowed({ arn: arn(who), policies }, request)))
        refused.push(`${who}: ${request.action} on ${request.resource} is refused`);
  return refused;
}

function ofEverything({ resource, ...request }: Request): Request {
  return { ...request, resource: resource.replace(':::locked-', `:::${name}-`) };
}
