import { parsePolicy, type PolicyDocument, type Statement } from '../../support/aws-policies/document.ts';
import { arnsOverlap, matches } from '../../support/aws-policies/patterns.ts';
import { actionsOf, keysFor, type Action } from '../../support/aws-policies/reference.ts';
import type { Role } from '../../support/aws-policies/roles.ts';
import { isAllowed, type Request } from '../../support/aws-policies/simulate.ts';
import { name as deployment } from './settings.ts';

/** What a role may do by one action of one of its statements, and where. */
export interface Grant {
  policy: string;
  action: string;
  statement: Statement;
}

export function grantsOf({ policies }: Role): Grant[] {
  return policies.flatMap(({ name, policy }) =>
    policy.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) =>
      (statement.Action ?? []).map((action) => ({ policy: name, action, statement })),
    ),
  );
}

/** Whether a grant is one by which a request can be let through, its conditions left aside. */
export function serves({ action, statement }: Grant, request: Request): boolean {
  return (
    matches(action.toLowerCase(), request.action.toLowerCase()) &&
    statement.Resource.some((resource) => matches(resource, request.resource))
  );
}

/** What of a role's grants lies outside its boundary, so that it is granted in vain. */
export async function outsideBoundary(role: Role): Promise<string[]> {
  const { boundary, arn, name } = role;
  if (!boundary) return [];
  const rights = { arn, policies: [{ name: 'everything', policy: everything }], boundary };
  const outside: string[] = [];
  for (const { action: pattern, statement } of grantsOf(role))
    for (const action of await actionsOf(pattern))
      for (const resource of statement.Resource) {
        const request = await exampleOf(action, resource, statement);
        if (request && !(await isAllowed(rights, request, keyPolicy(action, arn))))
          outside.push(`${name} (${statement.Sid}): ${action.name} on ${resource}`);
      }
  return outside;
}

/** Whosever the key is, here it lets in whom IAM lets in: the question is the boundary alone. */
function keyPolicy({ name }: Action, role: string): PolicyDocument | undefined {
  const Principal = { AWS: `arn:aws:iam::${role.split(':')[4] ?? ''}:root` };
  const statement = { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' };
  return name.startsWith('kms:') ? parsePolicy(JSON.stringify({ Statement: statement })) : undefined;
}

const everything = parsePolicy('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}');

/** A request that a statement lets through; none where the action does not work on the resource. */
async function exampleOf(
  { name, types }: Action,
  resource: string,
  statement: Statement,
): Promise<Request | undefined> {
  const type = types.find(({ arn }) => arnsOverlap(resource, arn));
  if (types.length > 0 && !type && resource !== '*') return undefined;
  const arn =
    types.length === 0 ? '*' : fill(resource === '*' ? (types[0]?.arn ?? '*') : narrowed(resource, type?.arn ?? ''));
  // What a deployment has made has its tag.
  const context: Record<string, string> = { 'aws:ResourceTag/holdfast': deployment };
  for (const [operator, tests] of Object.entries(statement.Condition))
    for (const [key, [value = '']] of Object.entries(tests)) context[key] = operator === 'Null' ? 'x' : fill(value);
  return { action: name, resource: arn, context: await keysFor({ action: name, resource: arn }, context) };
}

/** What belongs to a log group is granted as `<group>:*`, and is a stream where a stream is meant. */
function narrowed(resource: string, type: string): string {
  return type.includes(':log-stream:') ? resource.replace(/:\*$/, ':log-stream:*') : resource;
}

/** Something in place of what a pattern leaves open; an account's number where one has to stand. */
function fill(pattern: string): string {
  return pattern
    .replace(/^arn:\*:/, 'arn:aws:')
    .replace(/^(arn:aws:[^:]+):\*:\*:/, '$1:us-east-1:123456789012:')
    .replace(/^(arn:aws:[^:]+):\*:/, '$1:us-east-1:')
    .replace(/[*?]/g, '0');
}
