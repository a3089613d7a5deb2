import * as v from 'valibot';
import { measuredSchema } from '#core/run/measured-objectives.ts';
import { number, text, texts } from './event.ts';

/** What several events have in common. */

export const address = text('the item, as people write it and as every verb takes it');
export const snapshot = text('the id of a snapshot');
export const source = text('where items come from: github, git, …');
export const bytes = number('bytes of stored data');
export const warnings = texts('what is worth knowing and no failure');
export const checked = v.optional(
  v.pipe(v.picklist(['intact', 'damaged']), v.description('what the last drill or verification found')),
);
export const verdict = v.pipe(v.picklist(['intact', 'damaged']), v.description('what was found'));
export const problems = texts('what is damaged; empty where all is intact');

/** Of what failed. */
export const failure = {
  code: text('one of the codes of Holdfast, or the name of an AWS error'),
  message: text('what went wrong'),
  advice: v.optional(text('what to do')),
};

/** How a run ended, and what its items came to. */
export const result = v.pipe(
  v.picklist(['complete', 'partial', 'failed', 'interrupted']),
  v.description('how it ended'),
);
export const coverage = v.pipe(
  v.strictObject({
    listed: v.number(),
    stored: v.number(),
    unchanged: v.number(),
    skipped: v.number(),
    failed: v.number(),
  }),
  v.description('how many items: listed = stored + unchanged + skipped + failed'),
);
export const started = text('when it began, in ISO 8601');
export const finished = text('when it ended, in ISO 8601');

/** A ref that a server refused, and why. */
export const refusedRefs = v.pipe(
  v.array(v.strictObject({ name: v.string(), reason: v.string() })),
  v.description('refs that the target refused, with its reason'),
);

export const objectives = v.pipe(
  measuredSchema,
  v.description('what is demanded of the source, and what its last run measured, in seconds'),
);
