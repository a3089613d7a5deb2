import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { StoredMilestone } from './stored.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';

const milestoneSchema = v.object({
  number: v.number(),
  title: v.string(),
  state: v.string(),
  description: v.nullish(v.string()),
  due_on: v.nullish(v.string()),
});

export type PresentMilestone = v.InferOutput<typeof milestoneSchema>;

export async function presentMilestones(target: RestoreTarget): Promise<Map<number, PresentMilestone>> {
  const found = new Map<number, PresentMilestone>();
  const list = `${pathOf(target)}/milestones?state=all`;
  for await (const one of target.writer.list(list, `the milestones of ${nameOf(target)}`, milestoneSchema))
    found.set(one.number, one);
  return found;
}

const placeholderTitle = (number: number): string => `Holdfast: place of the deleted milestone ${number}`;

/**
 * Makes milestones with the numbers that they had. Where one is missing another takes its place for as long as that goes on,
 * and is removed at the end: a number is never given twice.
 */
export async function restoreMilestones(target: RestoreTarget, milestones: readonly StoredMilestone[]): Promise<void> {
  const { writer } = target;
  const path = `${pathOf(target)}/milestones`;
  const present = await presentMilestones(target);
  const wanted = new Map(milestones.map((one) => [one.number, one]));
  const isOurs = ({ number, title }: PresentMilestone): boolean =>
    title === placeholderTitle(number) || title === wanted.get(number)?.title;
  for (const one of present.values()) if (!isOurs(one)) throw inTheWay(target, one);
  const missing = [...wanted.keys()].filter((number) => !present.has(number));
  const last = Math.max(0, ...missing);
  for (let number = 1; number <= last; number++) {
    if (present.has(number)) continue;
    const one = wanted.get(number);
    const title = one?.title ?? placeholderTitle(number);
    const content = one ? contentOf(one) : { title, state: 'closed' };
    const find = async (): Promise<PresentMilestone | undefined> => (await presentMilestones(target)).get(number);
    const what = `the milestone ${title} of ${nameOf(target)}`;
    const made = await writer.create(path, what, milestoneSchema, content, find);
    if (made.number !== number || made.title !== title) throw inTheWay(target, made);
    present.set(number, made);
  }
  for (const { number, title } of present.values())
    if (title === placeholderTitle(number))
      await writer.change('DELETE', `${path}/${number}`, title, v.unknown()).catch((error: unknown) => {
        if (!hasCode(error, 'SourceMissing')) throw error;
      });
}

export function contentOf({ title, state, description, due_on: due }: StoredMilestone): object {
  return { title, state, description: description ?? '', ...(due == null ? {} : { due_on: due }) };
}

function inTheWay(target: RestoreTarget, { number, title }: PresentMilestone): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${nameOf(target)} has a milestone ${number}, ${JSON.stringify(title)}`, {
    advice: 'Milestones keep their numbers, so they are restored into a repository that never had any.',
  });
}
