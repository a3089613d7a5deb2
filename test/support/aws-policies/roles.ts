import { parsePolicy, type PolicyDocument } from './document.ts';
import type { Resource } from './rendered.ts';

export interface NamedPolicy {
  name: string;
  policy: PolicyDocument;
}

/** A role, as Terraform has made it: what it may do, and under which boundary. */
export interface Role {
  name: string;
  arn: string;
  policies: NamedPolicy[];
  boundary?: NamedPolicy;
}

/** The roles among resources; the policies that they are given by ARN, boundaries too, must be among them. */
export function rolesOf(resources: Resource[]): Role[] {
  const ofType = (type: string): Record<string, unknown>[] =>
    resources.filter((one) => one.type === type).map(({ values }) => values);
  const managed = new Map(
    ofType('aws_iam_policy').map(({ arn, name, policy }) => [
      String(arn),
      { name: String(name), policy: parsePolicy(String(policy)) },
    ]),
  );
  const find = (arn: unknown): NamedPolicy => {
    const found = managed.get(String(arn));
    if (!found) throw new Error(`the policy ${String(arn)} is not among the resources`);
    return found;
  };
  return ofType('aws_iam_role').map(({ name, arn, permissions_boundary: boundary }) => ({
    name: String(name),
    arn: String(arn),
    policies: [
      ...ofType('aws_iam_role_policy')
        .filter(({ role }) => role === name)
        .map((one) => ({ name: String(one['name']), policy: parsePolicy(String(one['policy'])) })),
      ...ofType('aws_iam_role_policy_attachment')
        .filter(({ role }) => role === name)
        .map(({ policy_arn }) => find(policy_arn)),
    ],
    ...(typeof boundary === 'string' && boundary !== '' ? { boundary: find(boundary) } : {}),
  }));
}
