import { expect } from 'chai';
import { checkPolicy } from './aws-policies/check-policy.ts';
import { parsePolicy } from './aws-policies/document.ts';
import { overlap } from './aws-policies/patterns.ts';

const check = (statement: object): Promise<string[]> =>
  checkPolicy(parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })));

const object = 'arn:aws:s3:::bucket/*';
const securityGroup = 'arn:aws:ec2:eu-central-1:123456789012:security-group/*';
const rule = 'arn:aws:ec2:eu-central-1:123456789012:security-group-rule/*';

describe("the check of policies by AWS's reference", () => {
  for (const [title, statement] of Object.entries({
    'an action on its resource': { Action: 's3:GetObject', Resource: object },
    'actions by a pattern, of which some work on the resource': {
      Action: 's3:GetBucket*',
      Resource: 'arn:aws:s3:::bucket',
    },
    'an action without resources on *': { Action: 'elasticfilesystem:CreateFileSystem', Resource: '*' },
    'a condition by a tag of the resource': {
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-central-1:123456789012:key/*',
      Condition: { StringEquals: { 'aws:ResourceTag/holdfast': 'x' } },
    },
    'a condition that holds where the key is missing': {
      Action: 's3:GetObject',
      Resource: object,
      Condition: { StringEqualsIfExists: { 'aws:ResourceTag/holdfast': 'x' } },
    },
    'trust of a service': {
      Action: 'sts:AssumeRole',
      Principal: { Service: 'lambda.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*' } },
    },
    'trust by the claims of an identity provider': {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.example.com' },
      Condition: { StringEquals: { 'token.example.com:sub': 'x' } },
    },
  }))
    it(`takes ${title}`, async () => expect(await check(statement)).to.deep.equal([]));

  for (const [title, statement, problem] of [
    [
      'an action that does not exist',
      { Action: 's3:GetObjects', Resource: object },
      'there is no action s3:GetObjects',
    ],
    ['a pattern that no action fits', { Action: 's3:Gett*', Resource: object }, 'there is no action s3:Gett*'],
    ['an action on the resource of another', { Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket' }, 'works on'],
    [
      'a resource that none of the actions has',
      { Action: 's3:GetObject', Resource: [object, 'arn:aws:s3:::bucket'] },
      'none of the actions works on arn:aws:s3:::bucket',
    ],
    [
      'a resource for an action that knows none',
      {
        Action: 'elasticfilesystem:CreateFileSystem',
        Resource: 'arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/*',
      },
      'only * grants it',
    ],
    [
      'a condition key that does not exist',
      { Action: 's3:GetObject', Resource: object, Condition: { StringEquals: { 's3:nothing': 'x' } } },
      'there is no condition key s3:nothing',
    ],
    [
      'a condition key of other actions',
      { Action: 's3:GetObject', Resource: object, Condition: { StringEquals: { 's3:prefix': 'x' } } },
      'never has the condition key s3:prefix',
    ],
    [
      'a condition key that one of its resources does not have',
      {
        Action: 'ec2:AuthorizeSecurityGroupEgress',
        Resource: [securityGroup, rule],
        Condition: { StringEquals: { 'aws:ResourceTag/holdfast': 'x' } },
      },
      'security-group-rule/* never has',
    ],
    [
      'a Boolean compared as a text',
      {
        Action: 's3:PutObject',
        Resource: object,
        Condition: { StringEquals: { 's3:ObjectCreationOperation': 'false' } },
      },
      'StringEquals does not fit',
    ],
    [
      'several values compared as one',
      { Action: 'kms:CreateKey', Resource: '*', Condition: { StringEquals: { 'aws:TagKeys': 'x' } } },
      'StringEquals does not fit',
    ],
    [
      'a text compared as an ARN',
      { Action: 's3:PutObject', Resource: object, Condition: { ArnLike: { 's3:if-none-match': '*' } } },
      'ArnLike does not fit',
    ],
    [
      'a denial by a key that none of its actions has',
      { Effect: 'Deny', Action: 's3:GetObject', Resource: object, Condition: { StringEquals: { 's3:prefix': 'x' } } },
      'none of the denied actions',
    ],
  ] as const)
    it(`refuses ${title}`, async () => expect((await check(statement)).join('\n')).to.include(problem));
});

it('takes a condition that one of the resources does not have, where another statement grants that one', async () => {
  const action = { Effect: 'Allow', Action: ['ec2:AuthorizeSecurityGroupEgress', 'ec2:CreateTags'] };
  const Statement = [
    { ...action, Resource: [securityGroup, rule], Condition: { StringEquals: { 'aws:ResourceTag/holdfast': 'x' } } },
    { ...action, Resource: rule, Condition: { StringEquals: { 'aws:RequestTag/holdfast': 'x' } } },
  ];
  expect(await checkPolicy(parsePolicy(JSON.stringify({ Statement })))).to.deep.equal([]);
});

describe('the overlap of two patterns', () => {
  for (const [one, other, expected] of [
    ['arn:aws:s3:::bucket/*', 'arn:*:s3:::*/*', true],
    ['arn:aws:s3:::bucket', 'arn:*:s3:::*/*', false],
    ['*', 'arn:*:s3:::*', true],
    ['ab?', '*c', true],
    ['a*b', 'a', false],
  ] as const)
    it(`${one} and ${other}: ${expected ? 'some' : 'none'}`, () => expect(overlap(one, other)).to.equal(expected));
});
