import * as v from 'valibot';
import { parse } from 'yaml';
import type { Resource } from '../../support/aws-policies/rendered.ts';

/**
 * The versions of Node.js that images of CodeBuild have, by their runtimes.yml:
 * https://github.com/aws/aws-codebuild-docker-images (al/aarch64/standard/3.0 and al/x86_64/standard/5.0)
 */
const nodeVersions: Record<string, number[]> = {
  'aws/codebuild/amazonlinux-aarch64-standard:3.0': [18, 20, 22, 24],
  'aws/codebuild/amazonlinux-x86_64-standard:5.0': [18, 20, 22, 24],
};

const types: Record<string, string> = {
  'aws/codebuild/amazonlinux-aarch64-standard:3.0': 'ARM_CONTAINER',
  'aws/codebuild/amazonlinux-x86_64-standard:5.0': 'LINUX_CONTAINER',
};

const projectSchema = v.object({
  environment: v.pipe(v.array(v.object({ image: v.string(), type: v.string() })), v.length(1)),
  source: v.pipe(v.array(v.object({ buildspec: v.string() })), v.length(1)),
});

const buildspecSchema = v.object({
  version: v.union([v.literal(0.2), v.literal('0.2')]),
  phases: v.objectWithRest(
    { install: v.object({ 'runtime-versions': v.object({ nodejs: v.number() }) }) },
    v.object({ commands: v.optional(v.array(v.string())) }),
  ),
});

/** What is wrong with the build of a project; nothing for any other resource. */
export function checkBuildspec({ type, address, values }: Resource): string[] {
  if (type !== 'aws_codebuild_project') return [];
  const { environment, source } = v.parse(projectSchema, values);
  const [{ image, type: kind } = { image: '', type: '' }] = environment;
  const buildspec = v.parse(buildspecSchema, parse(source[0]?.buildspec ?? ''));
  const { nodejs } = buildspec.phases.install['runtime-versions'];
  const problems: string[] = [];
  if (!nodeVersions[image]?.includes(nodejs)) problems.push(`${address}: ${image} has no Node.js ${nodejs}`);
  if (types[image] !== kind) problems.push(`${address}: ${image} does not run in ${kind}`);
  return problems;
}
