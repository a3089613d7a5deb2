import { expect } from 'chai';
import { checkQuotas } from './aws-quotas.ts';

describe('the check of what AWS takes', () => {
  const problemsOf = (type: string, values: Record<string, unknown>, spare = 0): string[] =>
    checkQuotas({ address: 'it', type, values }, spare);

  for (const [what, type, values, spare] of [
    ['a name that is too long for a role', 'aws_iam_role', { name: 'a'.repeat(65) }, 0],
    ['one that is, once the deployment has its longest name', 'aws_iam_role', { name: 'a'.repeat(60) }, 5],
    ['an apostrophe in the description of a security group', 'aws_security_group', { description: "the vault's" }, 0],
    ['a bucket in capitals', 'aws_s3_bucket', { bucket: 'Vault' }, 0],
    ['user data of more than 16 KB', 'aws_launch_template', { user_data: 'A'.repeat(23_000) }, 0],
    ['a tag with a question mark', 'aws_sqs_queue', { tags_all: { kept: 'really?' } }, 0],
    [
      'eleven tags of an object',
      'aws_s3_object',
      { tags_all: Object.fromEntries('abcdefghijk'.split('').map((key) => [key, ''])) },
      0,
    ],
    ['too large an environment', 'aws_lambda_function', { environment: [{ variables: { A: 'a'.repeat(4096) } }] }, 0],
  ] as const)
    it(`finds ${what}`, () => {
      expect(problemsOf(type, values, spare)).to.have.length(1);
    });

  it('finds nothing where all is well', () => {
    expect(
      problemsOf('aws_iam_role', { name: 'holdfast-github-backup', tags_all: { team: 'a b+c' } }, 6),
    ).to.deep.equal([]);
  });
});
