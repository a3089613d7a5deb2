import { hasResources, keysFor } from '../../support/aws-policies/reference.ts';
import type { Resource } from '../../support/aws-policies/rendered.ts';
import type { Request } from '../../support/aws-policies/simulate.ts';
import type { LocalAwsCall } from '../../support/local-aws.ts';

/**
 * What AWS asks its policies for calls: each action, resource and context once. A resource that a call names by a
 * pattern, since it is not there yet, gets a name.
 */
export async function needed(calls: LocalAwsCall[], resources: Resource[]): Promise<Request[]> {
  const tags = tagsByName(resources);
  const found = new Map<string, Request>();
  for (const call of calls) {
    for (const { action, resource: named, conditions = {} } of call.permissions) {
      if (needsNothing.some(([one, resource]) => one === action && (resource === undefined || resource.test(named))))
        continue;
      const resource = named !== '*' && (await hasResources(action)) ? named.replaceAll('*', '0123456789abcdef0') : '*';
      const context = { ...call.conditions, ...tagsOf(resource, tags), ...conditions };
      const request = { action, resource, context: await keysFor({ action, resource }, context) };
      found.set(JSON.stringify(request), request);
    }
  }
  return [...found.values()];
}

const needsNothing: [action: string, resource?: RegExp][] = [
  // Every caller may ask who it is.
  ['sts:GetCallerIdentity'],
  // The provider asks for DynamoDB's own key, and goes on where that is refused.
  ['kms:DescribeKey', /:alias\/aws\//],
];

/** The tags of each resource, by its ARN and by its id. */
function tagsByName(resources: Resource[]): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const { values } of resources) {
    const { tags_all: tags, arn, id } = values;
    if (typeof tags !== 'object' || tags === null) continue;
    for (const name of [arn, id]) if (typeof name === 'string') found.set(name, tags as Record<string, string>);
  }
  return found;
}

function tagsOf(resource: string, tags: Map<string, Record<string, string>>): Record<string, string> {
  const its = tags.get(resource) ?? tags.get(resource.split('/').at(-1) ?? '') ?? {};
  return Object.fromEntries(Object.entries(its).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
