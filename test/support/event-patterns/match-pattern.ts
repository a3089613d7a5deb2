/**
 * Whether EventBridge delivers an event to a rule with a pattern, of the match types that
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html describes. For patterns
 * that `checkPattern` has nothing against.
 */
export function matchesPattern(pattern: string, event: object): boolean {
  return matchesFields(JSON.parse(pattern) as Fields, event);
}

type Fields = Record<string, unknown>;

function matchesFields(pattern: Fields, value: unknown): boolean {
  // Of several objects in an array one has to fit. (EventBridge holds all fields of a pattern to the same one.)
  if (Array.isArray(value)) return value.some((one) => matchesFields(pattern, one));
  const fields = isObject(value) ? value : {};
  return Object.entries(pattern).every(([name, expected]) => {
    if (name === '$or') return (expected as Fields[]).some((choice) => matchesFields(choice, value));
    if (Array.isArray(expected)) return expected.some((one) => matchesLeaf(one, fields[name]));
    return matchesFields(expected as Fields, fields[name]);
  });
}

function matchesLeaf(expected: unknown, value: unknown): boolean {
  if (isObject(expected) && 'exists' in expected)
    // Only leaves exist: an object, or an empty array, does not.
    return (
      expected['exists'] === (value !== undefined && !isObject(value) && !(Array.isArray(value) && value.length === 0))
    );
  if (value === undefined || isObject(value)) return false;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.some((one) => matchesValue(expected, one));
}

function matchesValue(expected: unknown, value: unknown): boolean {
  if (!isObject(expected)) return expected === value;
  const [[type, argument] = ['', undefined]] = Object.entries(expected);
  switch (type) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return typeof value === 'string' && matchesText(type, argument, value);
    case 'anything-but':
      return matchesAnythingBut(argument, value);
    case 'numeric':
      return typeof value === 'number' && matchesNumeric(argument as (string | number)[], value);
    case 'cidr':
      return typeof value === 'string' && isWithin(argument as string, value);
    default:
      throw new Error(`the test does not know the match type ${type}`);
  }
}

function matchesText(type: string, argument: unknown, text: string): boolean {
  if (isObject(argument)) {
    const inner = String(argument['equals-ignore-case']).toLowerCase();
    return matchesText(type, inner, text.toLowerCase());
  }
  const expected = String(argument);
  switch (type) {
    case 'prefix':
      return text.startsWith(expected);
    case 'suffix':
      return text.endsWith(expected);
    case 'wildcard':
      return toExpression(expected).test(text);
    default:
      return text.toLowerCase() === expected.toLowerCase();
  }
}

function matchesAnythingBut(argument: unknown, value: unknown): boolean {
  if (!isObject(argument)) return ![argument].flat().includes(value);
  if (typeof value !== 'string') return false;
  return Object.entries(argument).every(([type, texts]) =>
    [texts].flat().every((text) => !matchesText(type, text, value)),
  );
}

function matchesNumeric(argument: (string | number)[], value: number): boolean {
  for (let at = 0; at < argument.length; at += 2) {
    const bound = Number(argument[at + 1]);
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    };
    if (!holds[argument[at] as keyof typeof holds]) return false;
  }
  return true;
}

/** Of IPv4, which is all that the tests need. */
function isWithin(range: string, address: string): boolean {
  const [base = '', bits = ''] = range.split('/');
  const toNumber = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(address) / size);
}

/** `*` for any characters; a backslash takes the meaning from a star or a backslash. */
function toExpression(wildcard: string): RegExp {
  const parts = wildcard.match(/\\[*\\]|\*|[^*\\]+/g) ?? [];
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${parts.map((part) => (part === '*' ? '.*' : literal(/^\\[*\\]$/.test(part) ? part.slice(1) : part))).join('')}$`,
    's',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
