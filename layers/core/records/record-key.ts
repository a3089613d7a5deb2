/**
 * The order of keys: segment by segment, numbers by their value (`issues/2` before `issues/17`), all else by its code
 * units. A key comes before all that stands below it.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.split('/');
  const right = b.split('/');
  for (let at = 0; at < left.length && at < right.length; at++) {
    const order = compareSegments(left[at] ?? '', right[at] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Whether a key stands below another. */
export function isBelow(key: string, parent: string): boolean {
  return key.startsWith(`${parent}/`);
}

const wholeNumber = /^(0|[1-9]\d*)$/;

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  if (wholeNumber.test(a)) {
    if (!wholeNumber.test(b)) return -1;
    return a.length - b.length || (a < b ? -1 : 1);
  }
  if (wholeNumber.test(b)) return 1;
  return a < b ? -1 : 1;
}
