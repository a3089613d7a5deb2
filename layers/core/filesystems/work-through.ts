/**
 * Works through items that bring further items, as folders do, so many at once. The newest come first: a tree is gone
 * down before it is gone along, so few of its folders are remembered at a time.
 */
export function workThrough<T>(
  first: readonly T[],
  width: number,
  work: (item: T) => Promise<readonly T[]>,
): Promise<void> {
  const open = [...first];
  let active = 0;
  return new Promise((resolve, reject) => {
    let failed = false;
    const next = (): void => {
      while (!failed && active < width) {
        const item = open.pop();
        if (item === undefined) break;
        active++;
        work(item).then(
          (more) => {
            active--;
            open.push(...more);
            next();
          },
          (error: unknown) => {
            failed = true;
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }
      if (!failed && active === 0 && open.length === 0) resolve();
    };
    next();
  });
}
