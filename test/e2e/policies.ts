import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  type IAMClientConfig,
} from '@aws-sdk/client-iam';
import * as v from 'valibot';

/** As IAM writes whatever there may be several of. */
export const oneOrMany = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);

const documentSchema = v.object({
  Statement: v.pipe(
    v.union([v.array(v.unknown()), v.unknown()]),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
    v.array(v.object({ Sid: v.optional(v.string(), ''), Effect: v.string(), Action: oneOrMany, Resource: oneOrMany })),
  ),
});

export interface Grant {
  sid: string;
  action: string;
  resources: string[];
}

/** What each role of a deployment is allowed, as Terraform has rendered it: role ARN → grants. */
export async function grantsOf(deployment: string, config: IAMClientConfig): Promise<Map<string, Grant[]>> {
  const iam = new IAMClient(config);
  const grants = new Map<string, Grant[]>();
  const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
  for (const { RoleName, Arn } of Roles) {
    if (RoleName === undefined || Arn === undefined || !RoleName.startsWith(`${deployment}-`)) continue;
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const allowed: Grant[] = [];
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const { Statement } = v.parse(documentSchema, JSON.parse(decodeURIComponent(PolicyDocument)));
      for (const { Sid, Effect, Action, Resource } of Statement)
        if (Effect === 'Allow') allowed.push(...Action.map((action) => ({ sid: Sid, action, resources: Resource })));
    }
    grants.set(Arn, allowed);
  }
  iam.destroy();
  return grants;
}

/** Whether a pattern of IAM, with `*` and `?`, takes a text. */
export function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
