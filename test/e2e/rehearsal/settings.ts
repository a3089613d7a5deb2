import { requestAws } from '../../support/aws/api.ts';
import type { LocalAws } from '../../support/local-aws.ts';

const region = 'us-east-1';
const account = '123456789012';
const foreignAccount = '210987654321';

/** What is deployed with everything on is called by it. */
export const name = 'full';

/** What people have before they deploy, and name in the settings. */
export interface Surroundings {
  vpc: string;
  /** Two, in two zones. */
  subnets: string[];
  /** The group of functions and builds, and that of the mount targets of people's own file systems. */
  securityGroups: { functions: string; mountTargets: string };
  fileSystems: { home: string; media: string; mediaVault: string };
  /** A key of people's own: for logs, topic, vault or file systems. */
  key: string;
}

/** The secret of the addresses of webhooks and heartbeats. */
const addressesName = 'prod/holdfast-notifications';

const secretOf = (host: string): string => `prod/${host}-backup`;

/** Makes on the stand-in what people have. */
export async function seed(aws: LocalAws): Promise<Surroundings> {
  const { text } = await requestAws(aws.endpoint, 'ec2', 'DescribeSubnets');
  const all = (tag: string): string[] =>
    [...text.matchAll(new RegExp(`<${tag}>([^<]+)`, 'g'))].map(([, id = '']) => id);
  const vpc = all('vpcId')[0] ?? '';
  const subnets = all('subnetId').slice(0, 2);
  const securityGroup = async (GroupName: string): Promise<string> => {
    const group = { GroupName, GroupDescription: GroupName, VpcId: vpc };
    const answer = await requestAws(aws.endpoint, 'ec2', 'CreateSecurityGroup', group);
    return /<groupId>([^<]+)/.exec(answer.text)?.[1] ?? '';
  };
  const fileSystem = async (CreationToken: string): Promise<string> => {
    const path = 'POST /2015-02-01/file-systems';
    const made = await aws.call<{ FileSystemId: string }>('elasticfilesystem', path, { CreationToken });
    for (const SubnetId of subnets)
      await aws.call('elasticfilesystem', 'POST /2015-02-01/mount-targets', {
        FileSystemId: made.FileSystemId,
        SubnetId,
      });
    return made.FileSystemId;
  };
  const { KeyMetadata } = await aws.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
  for (const Name of [...['github', 'gitlab', 'gitea'].map(secretOf), addressesName])
    await aws.call('secretsmanager', 'CreateSecret', { Name, SecretString: '{}' });
  await requestAws(aws.endpoint, 's3', `PUT /${accessLogs}`, {}, { 'x-amz-acl': 'log-delivery-write' });
  return {
    vpc,
    subnets,
    securityGroups: { functions: await securityGroup('functions'), mountTargets: await securityGroup('mount-targets') },
    fileSystems: {
      home: await fileSystem('home'),
      media: await fileSystem('media'),
      mediaVault: await fileSystem('media-vault'),
    },
    key: KeyMetadata.Arn,
  };
}

/** As terraform/bootstrap calls it. */
const stateBucket = `${name}-state-${account}-${region}`;

/** Makes the bucket of the state, as terraform/bootstrap does. */
export async function seedState(aws: LocalAws): Promise<void> {
  await requestAws(aws.endpoint, 's3', `PUT /${stateBucket}`);
}

/** Content of backend.hcl, as terraform/bootstrap prints it. */
export const backend = `bucket = "${stateBucket}"
key = "${name}/terraform.tfstate"
region = "${region}"
encrypt = true
use_lockfile = true
`;

const accessLogs = 'company-access-logs';

const copy = {
  bucket_arn: 'arn:aws:s3:::company-copies',
  account_id: foreignAccount,
  key_arn: `arn:aws:kms:eu-west-1:${foreignAccount}:key/00000000-0000-4000-8000-00000000c0b1`,
  object_lock: true,
};
const reader = `arn:aws:iam::${foreignAccount}:role/holdfast-codecommit-reader`;

/** The root's variables with everything switched on that makes keys, policies or roles of its own. */
export function everything({ vpc, subnets, securityGroups, fileSystems, key }: Surroundings) {
  return {
    name,
    artifacts: 'tests/artifacts',
    tags: { team: 'platform' },
    logs: { level: 'DEBUG', key_arn: key },
    permissions_boundary: `arn:aws:iam::${account}:policy/${name}-boundary`,
    network: { subnet_ids: subnets, security_group_ids: [securityGroups.functions] },
    vault: {
      object_lock: { days: 30 },
      replication: { ...copy, object_lock: true },
      writers: { prefix: 'shared', accounts: { [foreignAccount]: [`arn:aws:iam::${foreignAccount}:role/backup-*`] } },
      access_log: { bucket: accessLogs, prefix: 'vault/' },
    },
    notifications: { emails: ['backups@example.com'], success: true, secret_name: addressesName },
    github: { backup: { reserved_concurrency: 5 } },
    git_hosts: { gitlab: {}, gitea: { prefix: 'gitea', drill: { enabled: false } } },
    codecommit: {
      regions: [region, 'eu-west-1'],
      prefix: 'backups',
      events: true,
      tags: { kept: '' },
      project: 'shop',
      roles: [{ arn: reader, external_id: 'holdfast-1' }],
    },
    codeartifact: {
      regions: [region, 'eu-west-1'],
      prefix: 'backups',
      project: 'shop',
      filters: [
        { domain: 'company', repositories: ['lib*'] },
        { domain: 'partner', owner: foreignAccount, formats: ['npm'] },
      ],
    },
    efs: {
      network: { vpc_id: vpc, subnet_ids: subnets, security_group_ids: [securityGroups.functions] },
      file_systems: {
        home: { source: { file_system_id: fileSystems.home, security_group_id: securityGroups.mountTargets } },
        media: {
          source: { file_system_id: fileSystems.media },
          vault: { file_system_id: fileSystems.mediaVault, security_group_id: securityGroups.mountTargets },
          restore_to: [fileSystems.home],
        },
      },
    },
  };
}

/** The same later: whatever can be changed in place is changed. */
export function changed(surroundings: Surroundings) {
  const before = everything(surroundings);
  const codebuild = { compute_type: 'BUILD_GENERAL1_MEDIUM' };
  const schedule = { expression: 'rate(2 days)' };
  const { home, media } = before.efs.file_systems;
  return {
    ...before,
    tags: { team: 'storage', stage: 'production' },
    logs: { ...before.logs, level: 'INFO' },
    log_retention_days: 30,
    vault: { ...before.vault, object_lock: { days: 60 }, removed_days: 60 },
    notifications: { emails: ['operators@example.com'], secret_name: addressesName },
    github: { codebuild, schedule, memory_mb: 1024 },
    codecommit: { ...before.codecommit, codebuild, schedule, roles: [{ arn: `${reader}-2` }] },
    codeartifact: { ...before.codeartifact, codebuild, schedule, filters: [{ domain: 'company' }] },
    efs: {
      ...before.efs,
      janitor_minutes: 30,
      file_systems: {
        home: {
          ...home,
          vault: { archive_days: 60 },
          instance_type: 'c7g.xlarge',
          schedule: { expression: 'rate(1 day)' },
        },
        media,
      },
    },
  };
}

/** The root's variables where people bring what could be made: keys, the vault; and without VPC or other accounts. */
export function given({ vpc, subnets, fileSystems, key }: Surroundings) {
  return {
    name: 'given',
    artifacts: 'tests/artifacts',
    vault: {
      bucket: 'company-backups',
      encryption: { key_arn: key },
      replication: { bucket_arn: copy.bucket_arn, key_arn: copy.key_arn },
    },
    notifications: { emails: ['backups@example.com'], key_arn: key },
    codecommit: { include: ['shop-*'], events: true, keys: [key] },
    codeartifact: {},
    efs: {
      network: { vpc_id: vpc, subnet_ids: subnets, proxy: 'http://proxy.example.com:3128' },
      file_systems: { home: { source: { file_system_id: fileSystems.home }, vault: { key_arn: key } } },
    },
  };
}

/** The root's variables with a vault that is locked and replicated, of which all is known before it is there. */
export function locked({ key }: Surroundings) {
  return {
    name: 'locked',
    artifacts: 'tests/artifacts',
    vault: { encryption: { key_arn: key }, object_lock: { days: 30 }, replication: copy },
  };
}

/** The root's variables with the least that is a deployment. */
export const least = {
  name: 'least',
  artifacts: 'tests/artifacts',
  vault: { encryption: { kms: false } },
  github: {},
  codecommit: {},
  codeartifact: { events: false },
};

const repository = { owner: 'acme', name: 'holdfast' };

/** The bootstrap's variables for the deployment with everything on. */
export function bootstrap({ securityGroups, key }: Surroundings) {
  return {
    name,
    repository: { ...repository, owner_id: 1234, id: 5678 },
    // A first apply, and changes of the vault.
    vault_changes: true,
    granted: {
      secrets: [...['github', 'gitlab', 'gitea'].map(secretOf), addressesName],
      git_hosts: ['gitlab', 'gitea'],
      vaults: [],
      keys: [key, copy.key_arn],
      copies: [copy.bucket_arn],
      roles: [reader, `${reader}-2`],
      network: true,
      domain_owners: [foreignAccount],
      efs: { security_groups: [securityGroups.mountTargets] },
    },
  };
}

export const leastBootstrap = {
  name: 'least',
  repository,
  oidc: { provider_arn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` },
};

/** The modules that people apply in other accounts and regions, with their variables. */
export const elsewhere: { module: string; variables: object }[] = [
  {
    module: 'codecommit-reader',
    variables: {
      readers: { [foreignAccount]: [`arn:aws:iam::${foreignAccount}:role/holdfast-codecommit-*`] },
      external_id: 'holdfast-1',
      regions: [region, 'eu-west-1'],
      repositories: ['shop-*'],
      events: { bus_arn: `arn:aws:events:${region}:${foreignAccount}:event-bus/holdfast-codecommit` },
    },
  },
  { module: 'codecommit-reader', variables: { name: 'least-reader', readers: { [foreignAccount]: [] } } },
  {
    module: 'codecommit-events',
    variables: { bus_arn: `arn:aws:events:eu-west-1:${account}:event-bus/holdfast-codecommit` },
  },
  {
    module: 'codeartifact-events',
    variables: { bus_arn: `arn:aws:events:eu-west-1:${account}:event-bus/holdfast-codeartifact` },
  },
  {
    module: 'codeartifact-events',
    variables: {
      name: 'one-domain',
      bus_arn: `arn:aws:events:eu-west-1:${account}:event-bus/holdfast-codeartifact`,
      domains: ['company'],
    },
  },
];
