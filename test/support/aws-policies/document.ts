import * as v from 'valibot';

/** As IAM writes whatever there may be several of. */
export const oneOrMany = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);

const conditionValue = v.pipe(
  v.union([oneOrMany, v.boolean(), v.number()]),
  v.transform((value) => (Array.isArray(value) ? value : [String(value)])),
);

const statementSchema = v.strictObject({
  Sid: v.optional(v.string(), ''),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(v.union([v.literal('*'), v.record(v.string(), oneOrMany)])),
  Action: v.optional(oneOrMany),
  NotAction: v.optional(oneOrMany),
  Resource: v.optional(oneOrMany, []),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), conditionValue)), {}),
});

const documentSchema = v.object({
  Version: v.optional(v.string()),
  Statement: v.pipe(
    v.union([v.array(v.unknown()), v.unknown()]),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
    v.array(statementSchema),
  ),
});

export type PolicyDocument = v.InferOutput<typeof documentSchema>;
export type Statement = PolicyDocument['Statement'][number];

/** @throws where the text is not a policy, or has an element that the checks do not know, such as NotResource */
export function parsePolicy(text: string): PolicyDocument {
  return v.parse(documentSchema, JSON.parse(text));
}
