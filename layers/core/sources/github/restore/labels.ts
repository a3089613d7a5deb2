import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import type { StoredLabel } from './stored.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { pullLabel } from './wanted.ts';

const labelSchema = v.object({
  name: v.string(),
  color: v.optional(v.string(), ''),
  description: v.nullish(v.string()),
  default: v.optional(v.boolean(), false),
});

export type PresentLabel = v.InferOutput<typeof labelSchema>;

/** GitHub takes two names for one that differ by case alone. */
export function labelKey(name: string): string {
  return name.toLowerCase();
}

/** The label that marks what was a pull request. */
export const ownLabel: StoredLabel = {
  name: pullLabel,
  color: 'bfd4f2',
  description: 'Restored as an issue: its branches are gone, or it is closed',
};

export async function presentLabels(target: RestoreTarget): Promise<Map<string, PresentLabel>> {
  const found = new Map<string, PresentLabel>();
  const list = target.writer.list(`${pathOf(target)}/labels`, `the labels of ${nameOf(target)}`, labelSchema);
  for await (const label of list) found.set(labelKey(label.name), label);
  return found;
}

/**
 * Makes the labels that are not there. In a repository that this restore made, those that GitHub puts into every one are
 * changed to what was stored, and removed where they were not; anywhere else what is there is left.
 * @returns the labels that are there and differ
 */
export async function restoreLabels(target: RestoreTarget, labels: readonly StoredLabel[]): Promise<string[]> {
  const { writer, isOurs } = target;
  const path = `${pathOf(target)}/labels`;
  const present = await presentLabels(target);
  const wanted = new Map(labels.map((label) => [labelKey(label.name), label]));
  const left: string[] = [];
  if (isOurs)
    for (const [key, { name, default: isUsual }] of present)
      if (isUsual && !wanted.has(key))
        await writer
          .change('DELETE', `${path}/${encodeURIComponent(name)}`, `the label ${name}`, v.unknown())
          .catch(unlessGone);
  for (const [key, label] of wanted) {
    const there = present.get(key);
    const content = { name: label.name, color: label.color, description: label.description ?? '' };
    const what = `the label ${label.name} of ${nameOf(target)}`;
    if (!there)
      await writer
        .create(path, what, v.unknown(), content, () => Promise.resolve(undefined))
        .catch((error: unknown) => {
          // The answer to the request before was lost.
          if (!hasCode(error, 'AlreadyExists')) throw error;
        });
    else if (!isSameLabel(there, label)) {
      if (isOurs)
        await writer.change('PATCH', `${path}/${encodeURIComponent(there.name)}`, what, v.unknown(), {
          new_name: label.name,
          color: label.color,
          description: label.description ?? '',
        });
      else left.push(label.name);
    }
  }
  return left;
}

export function isSameLabel(there: PresentLabel, label: StoredLabel): boolean {
  return (
    there.name === label.name &&
    there.color.toLowerCase() === label.color.toLowerCase() &&
    (there.description ?? '') === (label.description ?? '')
  );
}

function unlessGone(error: unknown): void {
  if (!hasCode(error, 'SourceMissing')) throw error;
}
