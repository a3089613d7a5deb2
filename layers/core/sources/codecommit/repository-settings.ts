import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';
import type { ItemMetadata } from '#core/vault/manifest.ts';

const triggerSchema = v.looseObject({
  name: v.string(),
  destinationArn: v.string(),
  customData: v.optional(v.string()),
  branches: v.optional(v.array(v.string())),
  events: v.array(v.picklist(['all', 'updateReference', 'createReference', 'deleteReference'])),
});

const repositorySettingsSchema = v.object({
  arn: v.optional(v.string()),
  description: v.optional(v.string()),
  defaultBranch: v.optional(v.string()),
  kmsKeyId: v.optional(v.string()),
  tags: v.optional(v.record(v.string(), v.string())),
  triggers: v.optional(v.array(triggerSchema)),
  approvalRuleTemplates: v.optional(v.array(v.string())),
});

/** What a repository is beside what Git holds: kept in the manifest, so that it can be made again as it was. */
export type RepositorySettings = v.InferOutput<typeof repositorySettingsSchema>;

/** The settings that a manifest holds; none where it is of another source. @throws {HoldfastError} Damaged */
export function repositorySettings(metadata: ItemMetadata | undefined): RepositorySettings {
  return parse(repositorySettingsSchema, metadata ?? {}, 'the metadata of the snapshot', 'Damaged');
}
