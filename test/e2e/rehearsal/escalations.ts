/**
 * What a thief of a role would try: calls that destroy, forge or reach further. SECURITY.md shows which roles
 * may make them.
 */
import type { Resource } from '../../support/aws-policies/rendered.ts';
import type { Request } from '../../support/aws-policies/simulate.ts';
import { name } from './settings.ts';

/** Whose call it is, for what differs by role. */
export interface Thief {
  /** As SECURITY.md calls the role. */
  kind: string;
  /** The source that the role works for; for EFS the file system. */
  source: string;
}

export interface Escalation {
  /** As SECURITY.md says it. */
  call: string;
  /** Each is one way to do it; none where the role has nothing of its own to try it on. */
  requests(thief: Thief): Request[];
}

const account = '123456789012';
const here = `us-east-1:${account}`;
const vault = `arn:aws:s3:::${name}-vault-${account}-us-east-1`;
const logs = `arn:aws:s3:::${name}-efs-logs-${account}-us-east-1`;
const snapshot = '2026-11-20T010000.000Z';
const once = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
const newObject = { 's3:ObjectCreationOperation': 'true' };
/** When what an administrator has permitted for a day is over. */
const later = { 'aws:CurrentTime': new Date(Date.now() + 2 * 86_400_000).toISOString() };

/** Where the rehearsed settings let each source store. */
const prefixes: Record<string, string> = {
  github: '',
  gitlab: '',
  gitea: 'gitea/',
  codecommit: 'backups/',
  codeartifact: 'backups/',
};
const sources = Object.keys(prefixes);

const role = (rest: string): string => `arn:aws:iam::${account}:role/${rest}`;
const fn = (rest: string): string => `arn:aws:lambda:${here}:function:${rest}`;
const bucketPolicies = [
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'PutLifecycleConfiguration',
  'PutBucketVersioning',
  'PutBucketObjectLockConfiguration',
  'PutReplicationConfiguration',
  'PutEncryptionConfiguration',
  'PutBucketPublicAccessBlock',
  'PutBucketOwnershipControls',
];

/** @param resources the rehearsed deployment, of which keys and file systems have ids that only AWS gives */
export function escalationsOf(resources: Resource[]): Escalation[] {
  const find = (address: RegExp, attribute: string): string => {
    const found = resources.find((one) => address.test(one.address))?.values[attribute];
    if (typeof found !== 'string') throw new Error(`no resource ${address.source} with ${attribute} was rehearsed`);
    return found;
  };
  const key = find(/\bmodule\.vault\.aws_kms_key\.vault/, 'arn');
  const tagged = { 'aws:ResourceTag/holdfast': name };
  const on = (actions: string[], targets: string[], context: Request['context'] = {}): Request[] =>
    actions.flatMap((action) => targets.map((resource) => ({ action, resource, context })));
  /** The second one would be a record of a run to a reader that looks for `runs` anywhere in a key. */
  const place = ({ source }: Thief): string[] =>
    source in prefixes
      ? ['acme/website', `runs/${source}`].map(
          (item) => `${vault}/${prefixes[source] ?? ''}${source}/${item}/${snapshot}`,
        )
      : [];
  const records = ({ source }: Thief): string[] =>
    source in prefixes ? [`${vault}/${prefixes[source] ?? ''}runs/${source}`] : [];
  const below = (places: string[], ...names: string[]): string[] =>
    places.flatMap((one) => names.map((rest) => `${one}/${rest}`));
  /** Beside snapshots and runs, below the thief's own prefix. */
  const aside = ({ source }: Thief, ...keys: string[]): string[] =>
    source in prefixes ? keys.map((key) => `${vault}/${prefixes[source] ?? ''}${key}`) : [];
  /** The places of the others, and those that look alike: of other prefixes, accounts and owners. */
  const elsewhere = (thief: Thief): string[] => [
    ...sources.filter((source) => source !== thief.source).flatMap((source) => place({ ...thief, source })),
    `${vault}/other/${thief.source}/acme/website/${snapshot}`,
    `${vault}/shared/210987654321/${thief.source}/acme/website/${snapshot}`,
    `${vault}/other/github/${thief.source}/website/${snapshot}`,
  ];

  return [
    {
      call: 'End a version of an object in the vault',
      requests: (thief) =>
        on(
          ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:PutObjectRetention', 's3:PutObjectLegalHold'],
          below([...place(thief), ...elsewhere(thief)], 'data.bundle'),
          later,
        ),
    },
    {
      call: 'Hide snapshots of its source',
      requests: (thief) => on(['s3:DeleteObject'], below(place(thief), 'manifest.json', 'data.bundle')),
    },
    {
      call: 'Hide other snapshots, or records of runs',
      requests: (thief) =>
        on(
          ['s3:DeleteObject'],
          [
            ...below(elsewhere(thief), 'manifest.json', 'data.bundle'),
            ...below(records(thief), '20261120T010000Z/report.json', 'latest.json'),
            ...aside(thief, `index/${thief.source}/123456/acme/website`, 'holdfast-vault.json', 'RESTORE.md'),
          ],
        ),
    },
    {
      call: 'Replace a snapshot',
      requests: (thief) =>
        on(
          ['s3:PutObject'],
          below([...place(thief), ...elsewhere(thief)], 'manifest.json', 'data.bundle', 'report.json'),
          newObject,
        ),
    },
    {
      call: 'Replace an inventory or a report',
      requests: (thief) =>
        on(
          ['s3:PutObject'],
          below(
            records(thief),
            '20261120T010000Z/inventory.json',
            '20261120T010000Z/report.json',
            '20261120T010000Z/chain.sha256',
          ),
          newObject,
        ),
    },
    {
      call: 'Replace the pointer to the newest report',
      requests: (thief) => on(['s3:PutObject'], below(records(thief), 'latest.json'), newObject),
    },
    {
      call: 'Add a snapshot to its source',
      requests: (thief) => on(['s3:PutObject'], below(place(thief), 'manifest.json', 'data.bundle'), once),
    },
    {
      call: 'Add a snapshot elsewhere',
      requests: (thief) => on(['s3:PutObject'], below(elsewhere(thief), 'manifest.json', 'data.bundle'), once),
    },
    {
      call: 'Say of a snapshot that it is intact or damaged',
      requests: (thief) => [
        ...on(['s3:PutObject'], below(place(thief), 'check-2026-11-20T010000.000Z-intact.json'), once),
        ...on(['s3:PutObject'], aside(thief, `checks/${thief.source}/acme/website/${snapshot}/intact.json`), newObject),
      ],
    },
    {
      call: 'Add a record of a drill',
      requests: (thief) => on(['s3:PutObject'], aside(thief, `drills/${thief.source}/20261120T010000Z.json`), once),
    },
    {
      call: 'Replace a record of a drill, or of a removal',
      requests: (thief) =>
        on(
          ['s3:PutObject', 's3:DeleteObject'],
          aside(thief, ...['drills', 'removed'].map((one) => `${one}/${thief.source}/20261120T010000Z.json`)),
          newObject,
        ),
    },
    {
      call: 'Add an inventory',
      requests: (thief) => on(['s3:PutObject'], below(records(thief), '29991231T000000Z/inventory.json'), once),
    },
    {
      call: 'Add a report',
      requests: (thief) =>
        on(
          ['s3:PutObject'],
          below(records(thief), '29991231T000000Z/report.json', '29991231T000000Z/chain.sha256'),
          once,
        ),
    },
    {
      call: 'Store under a key that only the request has',
      requests: (thief) =>
        on(['s3:PutObject'], [...below(place(thief), 'manifest.json'), ...below(records(thief), 'latest.json')], {
          ...once,
          's3:x-amz-server-side-encryption-customer-algorithm': 'AES256',
        }),
    },
    {
      call: "Read the data of its source's snapshots",
      requests: (thief) => on(['s3:GetObject'], below(place(thief), 'data.bundle')),
    },
    {
      call: 'Read the data of other snapshots',
      requests: (thief) => on(['s3:GetObject', 's3:GetObjectVersion'], below(elsewhere(thief), 'data.bundle')),
    },
    {
      call: "Read GitHub's token",
      requests: () =>
        on(['secretsmanager:GetSecretValue'], [`arn:aws:secretsmanager:${here}:secret:prod/github-backup-aBcDeF`]),
    },
    {
      call: 'Read the addresses of webhooks',
      requests: () =>
        on(
          ['secretsmanager:GetSecretValue'],
          [`arn:aws:secretsmanager:${here}:secret:prod/holdfast-notifications-aBcDeF`],
        ),
    },
    {
      call: 'Change how the vault is protected, or delete it',
      requests: () => [
        ...on(
          [...bucketPolicies, 'DeleteBucket', 'PutBucketAcl'].map((one) => `s3:${one}`),
          [vault, logs],
          later,
        ),
        ...on(['s3:DeleteBucket'], [vault, logs]),
      ],
    },
    {
      call: 'The same, for a day from when an administrator permits it',
      requests: () =>
        on(
          bucketPolicies.map((one) => `s3:${one}`),
          [vault],
        ),
    },
    {
      call: "Take the vault's key away",
      requests: () => [
        ...on(['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:CreateGrant', 'kms:RevokeGrant'], [key], tagged),
        ...on(['kms:PutKeyPolicy'], [key], { ...tagged, ...later }),
        // By way of the tag by which keys are known.
        ...on(['kms:TagResource'], [`arn:aws:kms:${here}:key/00000000-0000-4000-8000-00000000f0e1`], {
          'aws:RequestTag/holdfast': name,
          'aws:TagKeys': ['holdfast'],
          ...later,
        }),
      ],
    },
    {
      call: 'Change the code of a function, or what it runs as',
      requests: () =>
        on(
          ['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'lambda:CreateFunction'],
          [fn(`${name}-github-backup`)],
        ),
    },
    {
      call: 'Have a role beyond the boundary, or change a role that deploys',
      requests: () => [
        ...on(['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PutRolePermissionsBoundary'], [role(`${name}-github-x`)], {
          'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
        ...on(['iam:AttachRolePolicy', 'iam:DeleteRolePermissionsBoundary'], [role(`${name}-github-backup`)]),
        ...on(
          ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion', 'iam:DeletePolicy'],
          [`arn:aws:iam::${account}:policy/${name}-boundary`],
        ),
        ...on(
          ['iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:AttachRolePolicy'],
          [role(`${name}-deploy-apply`), role(`${name}-deploy-plan`)],
          { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/${name}-boundary` },
        ),
      ],
    },
    {
      call: 'Hand a role to another service than its own',
      requests: () => [
        ...on(['iam:PassRole'], [role(`${name}-github-backup`), role(`${name}-replication`)], {
          'iam:PassedToService': 'ec2.amazonaws.com',
        }),
        ...on(['iam:PassRole'], [role(`${name}-deploy-apply`)], { 'iam:PassedToService': 'lambda.amazonaws.com' }),
      ],
    },
    {
      call: 'Take over another deployment, or a role that people made',
      requests: () => {
        const others = [`${name}-prod-deploy-apply`, `${name}-prod-github-backup`, `${name}-restore`];
        return [
          ...on(
            ['iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
            others.map(role),
          ),
          ...on(['iam:PassRole'], others.map(role), { 'iam:PassedToService': 'lambda.amazonaws.com' }),
          ...on(['lambda:UpdateFunctionCode', 'lambda:DeleteFunction'], [fn(`${name}-prod-github-backup`)]),
          ...on(['states:UpdateStateMachine'], [`arn:aws:states:${here}:stateMachine:${name}-prod-github`]),
          ...on(['codebuild:UpdateProject'], [`arn:aws:codebuild:${here}:project/${name}-prod-github`]),
          ...on(
            ['s3:PutBucketPolicy', 's3:PutLifecycleConfiguration'],
            [`arn:aws:s3:::${name}-prod-vault-${account}-us-east-1`],
          ),
          ...on(
            ['s3:GetObject', 's3:PutObject'],
            [`arn:aws:s3:::${name}-state-${account}-us-east-1/${name}-prod/terraform.tfstate`],
          ),
        ];
      },
    },
    {
      call: 'Start builds of its source, of any item',
      requests: ({ source }) =>
        source in prefixes
          ? on(['codebuild:StartBuild'], [`arn:aws:codebuild:${here}:project/${name}-${source}`], buildsItem)
          : [],
    },
    {
      call: 'Start builds that run something else',
      requests: ({ source }) =>
        [
          'codebuild:source.buildspec',
          'codebuild:source.location',
          'codebuild:environment.image',
          'codebuild:serviceRole',
          'codebuild:environment.privilegedMode',
          'codebuild:artifacts.location',
        ].flatMap((changed) =>
          on(
            ['codebuild:StartBuild'],
            sources.map((one) => `arn:aws:codebuild:${here}:project/${name}-${one}`),
            {
              ...buildsItem,
              [changed]: changed.endsWith('Mode') ? 'true' : `${source}-else`,
            },
          ),
        ),
    },
    {
      call: 'Run any command on instances',
      requests: () =>
        on(
          ['ssm:SendCommand'],
          ['AWS-RunShellScript', 'AWS-RunRemoteScript'].map((one) => `arn:aws:ssm:us-east-1::document/${one}`),
        ),
    },
    {
      call: 'Change or end instances that are not its own',
      requests: () => {
        const instance = `arn:aws:ec2:${here}:instance/i-0123456789abcdef0`;
        return [
          ...on(['ec2:TerminateInstances', 'ec2:CreateTags'], [instance], { 'aws:RequestTag/holdfast': name }),
          ...on(['ec2:RunInstances'], [instance]),
          ...on(['ssm:SendCommand'], [instance], { 'aws:ResourceTag/aws:autoscaling:groupName': 'somebody-elses' }),
          ...on(
            ['autoscaling:SetDesiredCapacity'],
            [`arn:aws:autoscaling:${here}:autoScalingGroup:x:autoScalingGroupName/${name}-prod-efs-home`],
          ),
        ];
      },
    },
    {
      call: 'Say that a task over a file system has ended',
      requests: () =>
        on(['events:PutEvents'], [`arn:aws:events:${here}:event-bus/default`], { 'events:source': 'holdfast.efs' }),
    },
    {
      call: 'Send events in the name of others',
      requests: () =>
        on(['events:PutEvents'], [`arn:aws:events:${here}:event-bus/default`], { 'events:source': 'holdfast.other' }),
    },
    {
      call: 'Read tasks of another file system, or store its results',
      requests: ({ source }) => {
        const other = source === 'home' ? 'media' : 'home';
        return [
          ...on(['dynamodb:GetItem'], [`arn:aws:dynamodb:${here}:table/${name}-efs`], {
            'dynamodb:LeadingKeys': [`backup-${other}-2026-11-20T01:00:00Z`],
          }),
          ...on(['s3:PutObject'], [`${logs}/efs/results/${name}-efs-${other}/x/result.json`]),
        ];
      },
    },
    {
      call: 'Have file systems restored over',
      requests: () =>
        on(['lambda:InvokeFunction'], [fn(`${name}-efs-orchestrator:live`), fn(`${name}-efs-orchestrator`)]),
    },
    {
      call: 'Delete a file system, or mount one that is not its own',
      requests: () => [
        ...on(['elasticfilesystem:DeleteFileSystem'], [fileSystem('fs-0123456789abcdef0')], tagged),
        ...on(
          ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
          [fileSystem('fs-0123456789abcdef0')],
          {
            'elasticfilesystem:AccessedViaMountTarget': 'true',
          },
        ),
      ],
    },
    {
      call: 'Remove copies of the vault in the other bucket',
      requests: () =>
        on(
          ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'],
          ['arn:aws:s3:::company-copies/github/data.bundle'],
        ),
    },
    {
      call: "Write Terraform's state",
      requests: () =>
        on(['s3:PutObject'], [`arn:aws:s3:::${name}-state-${account}-us-east-1/${name}/terraform.tfstate`]),
    },
  ];
}

const buildsItem = { 'codebuild:environment.environmentVariables.name': ['HOLDFAST_ITEM'] };

function fileSystem(id: string): string {
  return `arn:aws:elasticfilesystem:${here}:file-system/${id}`;
}
