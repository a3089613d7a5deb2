/** Whether a pattern of IAM, with `*` and `?`, takes a text. */
export function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

/**
 * Whether there is a text that both patterns take, in which `*` and `?` stand for any: an ARN of a policy and the form
 * of a type's ARNs.
 */
export function overlap(one: string, other: string): boolean {
  const known = new Map<number, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = i * (other.length + 1) + j;
    let answer = known.get(key);
    if (answer === undefined) known.set(key, (answer = decide(i, j)));
    return answer;
  };
  const decide = (i: number, j: number): boolean => {
    const a = one[i];
    const b = other[j];
    if (a === undefined && b === undefined) return true;
    if (a === '*') return from(i + 1, j) || (b !== undefined && from(i, j + 1));
    if (b === '*') return from(i, j + 1) || (a !== undefined && from(i + 1, j));
    if (a === undefined || b === undefined) return false;
    return (a === '?' || b === '?' || a === b) && from(i + 1, j + 1);
  };
  return from(0, 0);
}

/** The same for ARNs, in which `*` is meant to end where the next part begins. */
export function arnsOverlap(one: string, other: string): boolean {
  const parts = (arn: string): string[] => /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn)?.slice(1) ?? [];
  const [its, others] = [parts(one), parts(other)];
  if (its.length === 0 || others.length === 0) return overlap(one, other);
  return its.every((part, index) => overlap(part, others[index] ?? ''));
}
