import * as v from 'valibot';
import { matches, oneOrMany } from './policies.ts';

const policySchema = v.object({
  Statement: v.array(
    v.object({
      Effect: v.picklist(['Allow', 'Deny']),
      Principal: v.union([v.literal('*'), v.object({ AWS: oneOrMany })]),
      Action: oneOrMany,
      Resource: oneOrMany,
      Condition: v.optional(v.record(v.string(), v.record(v.string(), oneOrMany)), {}),
    }),
  ),
});

export type BucketPolicy = v.InferOutput<typeof policySchema>;
type Statement = BucketPolicy['Statement'][number];

export interface BucketRequest {
  /** The caller's role. */
  role: string;
  action: string;
  resource: string;
  /** The condition keys that the request has, by their names. */
  context?: Readonly<Record<string, string>>;
}

export function parseBucketPolicy(text: string): BucketPolicy {
  return v.parse(policySchema, JSON.parse(text));
}

/**
 * Whether a bucket's policy lets a caller of another account do something, as far as the policy has a say.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function allows(policy: BucketPolicy, request: BucketRequest): boolean {
  const fitting = policy.Statement.filter((statement) => fits(statement, request));
  return fitting.some(({ Effect }) => Effect === 'Allow') && fitting.every(({ Effect }) => Effect === 'Allow');
}

function fits({ Principal, Action, Resource, Condition }: Statement, request: BucketRequest): boolean {
  const { role, action, resource } = request;
  const account = role.split(':')[4] ?? '';
  const context: Record<string, string> = {
    'aws:PrincipalAccount': account,
    'aws:PrincipalArn': role,
    'aws:SecureTransport': 'true',
    ...request.context,
  };
  const filled = (text: string): string => text.replace(/\$\{([^}]+)\}/g, (_, key: string) => context[key] ?? '');
  const named = Principal === '*' || Principal.AWS.some((one) => one === '*' || one.split(':')[4] === account);
  return (
    named &&
    Action.some((one) => matches(one.toLowerCase(), action.toLowerCase())) &&
    Resource.some((one) => matches(filled(one), resource)) &&
    Object.entries(Condition).every(([test, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(test, context[key], values.map(filled))),
    )
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(test: string, value: string | undefined, wanted: string[]): boolean {
  switch (test) {
    case 'Null':
      return wanted.includes(String(value === undefined));
    case 'ArnLike':
    case 'StringLike':
      return value !== undefined && wanted.some((one) => matches(one, value));
    case 'Bool':
      return value !== undefined && wanted.includes(value);
    case 'StringNotEquals':
      // What a request does not have is unequal to anything.
      return value === undefined || !wanted.includes(value);
    default:
      throw new Error(`the test does not know the condition ${test}`);
  }
}
