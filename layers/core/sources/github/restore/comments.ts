import type * as v from 'valibot';
import type { Post } from './text/compose.ts';
import { commentSchema } from './present.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { markerIn } from './text/marker.ts';

type Comment = v.InferOutput<typeof commentSchema>;

/** Says something in an issue, once. @throws {HoldfastError} RemoteRefused for a text that GitHub does not take */
export async function addComment(target: RestoreTarget, number: number, { of, body }: Post): Promise<Comment> {
  const { writer } = target;
  const path = `${pathOf(target)}/issues/${number}/comments`;
  const what = `a comment on ${nameOf(target)}#${number}`;
  const find = async (): Promise<Comment | undefined> => {
    for await (const one of writer.list(path, what, commentSchema)) if (markerIn(one.body)?.of === of) return one;
    return undefined;
  };
  return writer.create(path, what, commentSchema, { body }, find);
}
