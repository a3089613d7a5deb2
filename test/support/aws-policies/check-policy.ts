import type { PolicyDocument, Statement } from './document.ts';
import { arnsOverlap, matches } from './patterns.ts';
import { actionsOf, hasKey, typeOfKey, type Action } from './reference.ts';

/** What AWS's reference has against a policy: one line for each problem, none where all of it can take effect. */
export async function checkPolicy({ Statement }: PolicyDocument): Promise<string[]> {
  const problems = await Promise.all(Statement.map((statement) => checkStatement(statement, Statement)));
  return [...new Set(problems.flat())];
}

async function checkStatement(statement: Statement, all: Statement[]): Promise<string[]> {
  const label = statement.Sid || statement.Action?.join(', ') || statement.Effect;
  const problems: string[] = [];
  const actions: Action[] = [];
  for (const pattern of statement.Action ?? []) {
    const found = pattern === '*' ? [] : await actionsOf(pattern);
    if (pattern !== '*' && found.length === 0) problems.push(`there is no action ${pattern}`);
    actions.push(...found);
  }
  problems.push(...(await checkOperators(statement)));
  if (statement.Effect === 'Allow') problems.push(...checkEffect(statement, actions, all));
  else if (actions.length > 0)
    for (const key of requiredKeys(statement))
      if (!actions.some((action) => works(action, '*', [key])))
        problems.push(`none of the denied actions has the condition key ${key}`);
  return problems.map((problem) => `${label}: ${problem}`);
}

/** Whether each action, and each resource, can be granted at all by what stands beside it. */
function checkEffect(statement: Statement, actions: Action[], all: Statement[]): string[] {
  const problems: string[] = [];
  const keys = requiredKeys(statement);
  // A policy of trust names no resource: it is about the role that it belongs to.
  const resources = statement.Resource.length > 0 ? statement.Resource : ['*'];
  const single = new Set(statement.Action?.filter((one) => !/[*?]/.test(one)).map((one) => one.toLowerCase()));
  for (const action of actions) {
    const where = resources.filter((resource) => isFor(action, resource));
    if (where.length === 0) {
      // Of a pattern of actions, some may be for other resources.
      if (single.has(action.name.toLowerCase()))
        problems.push(
          action.types.length === 0
            ? `${action.name} knows no resources, so only * grants it, not ${resources.join(', ')}`
            : `${action.name} works on ${action.types.map(({ arn }) => arn).join(' or ')}, not on ${resources.join(', ')}`,
        );
      continue;
    }
    for (const resource of where)
      for (const key of keys)
        if (!works(action, resource, [key]) && !all.some((other) => grants(other, action, resource)))
          problems.push(`${action.name} on ${resource} never has the condition key ${key}`);
  }
  for (const resource of statement.Resource)
    if (actions.length > 0 && !actions.some((action) => works(action, resource, keys)))
      problems.push(`none of the actions works on ${resource}`);
  return problems;
}

/** Whether a statement lets an action through on a resource: then it stands in vain in another one only. */
function grants(statement: Statement, action: Action, resource: string): boolean {
  return (
    statement.Effect === 'Allow' &&
    (statement.Action ?? []).some((one) => matches(one.toLowerCase(), action.name.toLowerCase())) &&
    statement.Resource.some((one) => arnsOverlap(one, resource)) &&
    works(action, resource, requiredKeys(statement))
  );
}

function isFor({ types }: Action, resource: string): boolean {
  return resource === '*' || types.some(({ arn }) => arnsOverlap(resource, arn));
}

function works(action: Action, resource: string, keys: string[]): boolean {
  if (action.types.length === 0) return resource === '*' && keys.every((key) => hasKey(key, action));
  // An action may work on a type, and as well on none.
  return (
    action.types.some(
      (type) => (resource === '*' || arnsOverlap(resource, type.arn)) && keys.every((key) => hasKey(key, action, type)),
    ) ||
    (resource === '*' && keys.every((key) => hasKey(key, action)))
  );
}

/** The condition keys without which the statement never applies. */
function requiredKeys({ Condition, Principal }: Statement): string[] {
  return Object.entries(Condition).flatMap(([operator, tests]) =>
    /IfExists$|Not|^Null$|^ForAllValues/.test(operator)
      ? []
      : Object.keys(tests).filter((key) => !isClaim(key, Principal)),
  );
}

/** Claims of the identity provider that a statement trusts are keys that AWS does not list. */
function isClaim(key: string, principal: Statement['Principal']): boolean {
  const host = key.slice(0, key.lastIndexOf(':'));
  return (
    typeof principal === 'object' && (principal['Federated'] ?? []).some((arn) => arn.endsWith(`oidc-provider/${host}`))
  );
}

/** Whether there are such keys, compared in a way that fits their type. */
async function checkOperators({ Condition, Principal }: Statement): Promise<string[]> {
  const problems: string[] = [];
  for (const [operator, tests] of Object.entries(Condition))
    for (const key of Object.keys(tests)) {
      if (isClaim(key, Principal)) continue;
      const type = await typeOfKey(key);
      if (type === undefined) problems.push(`there is no condition key ${key}`);
      else if (
        !operatorFits(operator, type) &&
        !comparedOtherwise.some(([keys, its]) => keys.test(key) && its.test(operator))
      )
        problems.push(`${operator} does not fit ${key}, which is ${type}`);
    }
  return problems;
}

/** Keys of which AWS's own examples compare the values otherwise than their type says. */
const comparedOtherwise: [key: RegExp, operator: RegExp][] = [
  // A list, of which a request has one value. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
  [/^events:(source|detail-type)$/i, /^String/],
  // A text that is an ARN. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  [/^kms:EncryptionContext:/i, /^Arn/],
];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function operatorFits(operator: string, type: string): boolean {
  const [, quantifier, test = ''] = /^(ForAnyValue:|ForAllValues:)?(.*?)(?:IfExists)?$/.exec(operator) ?? [];
  if (test === 'Null') return true;
  const array = /^ArrayOf/i.test(type);
  if (array !== (quantifier !== undefined)) return false;
  const element = type.replace(/^ArrayOf/i, '').toLowerCase();
  return (families[element] ?? /$^/).test(test);
}

const families: Record<string, RegExp> = {
  string: /^String/,
  // An ARN may be compared as a text, too.
  arn: /^(Arn|String)/,
  bool: /^Bool$/,
  numeric: /^Numeric/,
  long: /^Numeric/,
  date: /^Date/,
  ipaddress: /^(Not)?IpAddress$/,
  ip: /^(Not)?IpAddress$/,
  binary: /^BinaryEquals$/,
};
