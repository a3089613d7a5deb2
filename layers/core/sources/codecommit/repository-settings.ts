import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';
import type { ItemMetadata, Manifest } from '#core/vault/manifest.ts';

const triggerSchema = v.looseObject({
  name: v.string(),
  destinationArn: v.string(),
  customData: v.optional(v.string()),
  branches: v.optional(v.array(v.string())),
  events: v.array(v.picklist(['all', 'updateReference', 'createReference', 'deleteReference'])),
});

/** Those who approve pull requests: https://docs.aws.amazon.com/codecommit/latest/userguide/approval-rule-templates.html */
const approvalRuleTemplateSchema = v.object({
  name: v.string(),
  description: v.optional(v.string()),
  /** Its rules, as the JSON text that CodeCommit gives and takes. */
  content: v.optional(v.string()),
});

export type ApprovalRuleTemplate = v.InferOutput<typeof approvalRuleTemplateSchema>;

const repositorySettingsSchema = v.object({
  arn: v.optional(v.string()),
  description: v.optional(v.string()),
  defaultBranch: v.optional(v.string()),
  kmsKeyId: v.optional(v.string()),
  tags: v.optional(v.record(v.string(), v.string())),
  triggers: v.optional(v.array(triggerSchema)),
  approvalRuleTemplates: v.optional(
    // Earlier snapshots have the names alone.
    v.array(
      v.union([
        approvalRuleTemplateSchema,
        v.pipe(
          v.string(),
          v.transform((name) => ({ name })),
        ),
      ]),
    ),
  ),
});

/** What a repository is beside what Git holds: kept in the manifest, so that it can be made again as it was. */
export type RepositorySettings = v.InferOutput<typeof repositorySettingsSchema>;

/** The settings that a manifest holds; none where it is of another source. @throws {HoldfastError} Damaged */
export function storedSettings({ item, metadata }: Pick<Manifest, 'item' | 'metadata'>): RepositorySettings {
  return item.source === 'codecommit' ? repositorySettings(metadata) : {};
}

/** @throws {HoldfastError} Damaged */
export function repositorySettings(metadata: ItemMetadata | undefined): RepositorySettings {
  return parse(repositorySettingsSchema, metadata ?? {}, 'the metadata of the snapshot', 'Damaged');
}
