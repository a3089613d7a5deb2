import picomatch from 'picomatch';

/** One character, or a run of any length within a segment. */
type Token = ((character: string) => boolean) | typeof anyRun;

/** What a segment of a name must look like, or any number of segments. */
type Segment = readonly Token[] | typeof anyRun;

const anyRun = Symbol('any run');

/** What braces may stand for, lest a setting fill the memory. */
const mostAlternatives = 1_000;

/** Characters that mean something in globs as picomatch reads them, beyond what is read here. */
const otherwise = /[()|"'<>^$!]|\*\*[^/]|[^/]\*\*|\*\/\*\*|[\]}+]\+|\{,|,[,}]|\.\.|^\.\//;

/**
 * A test for names by a glob, in steps that grow with the product of both lengths and no faster: a regular expression
 * would try all places of all stars, and names come from sources that may be hostile. Undefined for globs with groups as
 * `!(…)` and the like.
 *
 * Means what picomatch means by it: `*` and `?` within a segment, `**` as a whole segment for any number of them,
 * `[…]`, `{…,…}`, and a backslash before what stands for itself.
 */
export function linearMatcher(glob: string, caseless: boolean): ((name: string) => boolean) | undefined {
  // In a class some of them mean themselves.
  if (otherwise.test(glob.replace(/\[[!^]/g, '['))) return undefined;
  const globs = expandBraces(caseless ? glob.toLowerCase() : glob);
  const alternatives = globs?.map((text) => text.split('/').map(segmentOf));
  if (!alternatives?.every((segments) => segments.every((segment) => segment !== undefined))) return undefined;
  return (name) => {
    const parts = (caseless ? name.toLowerCase() : name).split('/');
    return alternatives.some((segments) => fits(segments, parts, segmentFits));
  };
}

/**
 * Whether a sequence fits a pattern with wildcards. Only the last wildcard that was met has to be tried again: whatever
 * an earlier one could take more, the last one can take as well.
 */
function fits<Item, Value>(
  pattern: readonly (Item | typeof anyRun)[],
  values: ArrayLike<Value>,
  fitsOne: (item: Item, value: Value) => boolean,
): boolean {
  let [at, value] = [0, 0];
  let again: { at: number; value: number } | undefined;
  while (value < values.length) {
    const item = pattern[at];
    if (item === anyRun) {
      again = { at: ++at, value };
    } else if (item !== undefined && fitsOne(item, values[value] as Value)) {
      at++;
      value++;
    } else if (again) {
      again.value++;
      ({ at, value } = again);
    } else return false;
  }
  return pattern.slice(at).every((item) => item === anyRun);
}

function segmentFits(segment: readonly Token[], part: string): boolean {
  // A star alone takes no empty name.
  return (part !== '' || segment.length === 0) && fits(segment, part, (token, character) => token(character));
}

/** Undefined for what is not read here. */
function segmentOf(text: string): Segment | undefined {
  if (text === '**') return anyRun;
  const tokens: Token[] = [];
  for (const [part, escaped, unread] of text.matchAll(/\\(.)|\*+|\[[!^]?[^\][\\/]+\]|([[\]{}\\])|[^]/g)) {
    if (unread !== undefined) return undefined;
    if (part.startsWith('*')) tokens.push(anyRun);
    else if (part === '?') tokens.push(() => true);
    else if (part.length > 2) tokens.push(classOf(part));
    else tokens.push((character) => character === (escaped ?? part));
  }
  return tokens;
}

/** picomatch reads the class; the character before it keeps it from its rules for how a name may begin. */
function classOf(text: string): Token {
  const matches = picomatch.makeRe(`_${text}`, { dot: true, windows: false });
  return (character) => matches.test(`_${character}`);
}

/** `a{b,c{d,e}}` → `ab`, `acd`, `ace`. Undefined for braces that do not mean alternatives, and for too many. */
function expandBraces(text: string): string[] | undefined {
  const [before, inside, after] = firstBraces(text) ?? [];
  if (before === undefined || inside === undefined || after === undefined) return [text];
  const rest = expandBraces(after);
  const choices = alternativesIn(inside).map(expandBraces);
  if (!rest || choices.length < 2 || choices.includes(undefined)) return undefined;
  const middles = choices.flatMap((choice) => choice ?? []);
  if (middles.length * rest.length > mostAlternatives) return undefined;
  return middles.flatMap((middle) => rest.map((end) => `${before}${middle}${end}`));
}

/** What stands before, in and after the first pair of braces. */
function firstBraces(text: string): [string, string, string] | undefined {
  let depth = 0;
  let start = -1;
  for (const { 0: part, index } of text.matchAll(/\\.|[{}]/g)) {
    if (part === '{' && depth++ === 0) start = index;
    else if (part === '}' && depth > 0 && --depth === 0)
      return [text.slice(0, start), text.slice(start + 1, index), text.slice(index + 1)];
  }
  return undefined;
}

function alternativesIn(text: string): string[] {
  const found = [''];
  let depth = 0;
  for (const [part] of text.matchAll(/\\.|[^]/g)) {
    if (part === '{') depth++;
    if (part === '}') depth--;
    if (part === ',' && depth === 0) found.push('');
    else found.push(`${found.pop() ?? ''}${part}`);
  }
  return found;
}
