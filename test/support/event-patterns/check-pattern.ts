import * as v from 'valibot';

/**
 * What EventBridge has against an event pattern: one line for each problem, none where `PutRule` takes it.
 *
 * The rules are those that https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * and the engine that EventBridge runs, https://github.com/aws/event-ruler, describe.
 */
export function checkPattern(text: string): string[] {
  const problems: string[] = [];
  if (text.length > maximumLength)
    problems.push(`the pattern has ${text.length} characters, of at most ${maximumLength}`);
  const pattern: unknown = JSON.parse(text);
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    return [...problems, 'the pattern is not an object of fields'];
  return [...problems, ...checkFields(pattern, '')];
}

/** By default; more only on request. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const maximumLength = 2048;

const or = '$or';

function checkFields(fields: Record<string, unknown>, path: string): string[] {
  if (Object.keys(fields).length === 0) return [`${path} is an empty object`];
  return Object.entries(fields).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === or) return checkChoices(value, at);
    if (Array.isArray(value)) return checkLeaf(value as unknown[], at);
    if (isObject(value)) return checkFields(value, at);
    return [`${at} is ${JSON.stringify(value)} and not in an array`];
  });
}

function checkChoices(value: unknown, at: string): string[] {
  if (!Array.isArray(value) || value.length < 2) return [`${at} needs an array of two or more objects`];
  return (value as unknown[]).flatMap((choice, index) => {
    if (!isObject(choice)) return [`${at}[${index}] is not an object`];
    const reserved = Object.keys(choice).filter((name) => name in matchers);
    // With such a field EventBridge takes $or for a field of that name.
    if (reserved.length > 0) return [`${at}[${index}] has a field ${reserved.join(', ')}, which is a match type`];
    return checkFields(choice, `${at}[${index}]`);
  });
}

function checkLeaf(values: unknown[], at: string): string[] {
  if (values.length === 0) return [`${at} is an empty array`];
  return values.flatMap((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [];
    if (!isObject(value)) return [`${at} has an array within an array`];
    const [match, ...others] = Object.entries(value);
    if (!match || others.length > 0)
      return [`${at} has a matcher with ${others.length === 0 ? 'no' : 'more than one'} name`];
    const [type, argument] = match;
    const schema = matchers[type];
    if (!schema) return [`${at} has the unknown match type ${type}`];
    return v.is(schema, argument) ? [] : [`${at}: ${type} does not take ${JSON.stringify(argument)}`];
  });
}

const word = v.pipe(v.string(), v.nonEmpty());
const words = v.pipe(v.array(word), v.minLength(1));
const ignoringCase = v.strictObject({ 'equals-ignore-case': word });
// Two stars in a row are refused, and after a backslash only a star or another backslash may stand.
const wildcard = v.pipe(
  word,
  v.check((text) => !/\*\*/.test(text.replace(/\\[*\\]/g, '')) && !/\\(?![*\\])/.test(text.replace(/\\[*\\]/g, ''))),
);

// https://github.com/aws/event-ruler: a number of five digits after the point, within ±5 × 10⁹.
const bound = v.pipe(v.number(), v.minValue(-5e9), v.maxValue(5e9));

const matchers: Record<string, v.GenericSchema> = {
  prefix: v.union([word, ignoringCase]),
  suffix: v.union([word, ignoringCase]),
  'equals-ignore-case': word,
  wildcard,
  exists: v.boolean(),
  cidr: v.pipe(
    v.string(),
    v.regex(/^(\d{1,3}(\.\d{1,3}){3}\/([0-9]|[12][0-9]|3[0-2])|[0-9a-f:]*:[0-9a-f:]*\/(\d{1,2}|1[01]\d|12[0-8]))$/i),
  ),
  numeric: v.pipe(
    v.union([
      v.strictTuple([v.picklist(['=', '<', '<=', '>', '>=']), bound]),
      v.pipe(
        v.strictTuple([v.picklist(['>', '>=']), bound, v.picklist(['<', '<=']), bound]),
        v.check(([, low, , high]) => low < high),
      ),
    ]),
  ),
  'anything-but': v.union([
    word,
    bound,
    words,
    v.pipe(v.array(bound), v.minLength(1)),
    ...['prefix', 'suffix', 'equals-ignore-case'].map((name) => v.strictObject({ [name]: v.union([word, words]) })),
    v.strictObject({ wildcard: v.union([wildcard, v.pipe(v.array(wildcard), v.minLength(1))]) }),
  ]),
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
