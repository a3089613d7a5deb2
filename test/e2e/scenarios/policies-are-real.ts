import validate from 'asl-validator';
import { expect } from 'chai';
import { checkPolicy } from '../../support/aws-policies/check-policy.ts';
import { policiesOf, textsOf, type Resource } from '../../support/aws-policies/rendered.ts';
import { checkLimits } from '../../support/aws-limits.ts';
import { checkQuotas } from '../../support/aws-quotas.ts';
import { checkPattern } from '../../support/event-patterns/check-pattern.ts';
import { checkBuildspec } from '../rehearsal/buildspecs.ts';
import type { RehearsedScenario } from '../scenario.ts';

/** IAM's quotas, in characters without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const largest = { managed: 6144, trust: 2048, inline: 10_240 };

/**
 * All that Terraform renders and AWS itself interprets, in every shape of a deployment, against what AWS says that it
 * takes: policies, event patterns, state machines and builds.
 */
export const policiesAreReal: RehearsedScenario = {
  name: 'policies-are-real',
  async judge({ created, changed, others }) {
    // Where nothing was found to look at, nothing was looked at.
    expect(policiesOf(created), 'policies').to.have.length.above(100);
    const problems: string[] = [];
    for (const resources of [created, changed, others]) problems.push(...(await problemsOf(resources)));
    expect([...new Set(problems)]).to.deep.equal([]);
  },
};

async function problemsOf(resources: Resource[]): Promise<string[]> {
  const problems: string[] = [];
  const policies = policiesOf(resources);
  for (const { address, kind, document, size } of policies) {
    problems.push(...(await checkPolicy(document)).map((problem) => `${address}: ${problem}`));
    const limit = kind === 'trust' ? largest.trust : address.includes('aws_iam_policy.') ? largest.managed : Infinity;
    if (size > limit) problems.push(`${address} has ${size} characters, of at most ${limit}`);
  }
  for (const [role, size] of inlineSizes(resources))
    if (size > largest.inline)
      problems.push(`the policies of ${role} have ${size} characters, of at most ${largest.inline}`);
  const patterns = textsOf(resources, 'aws_cloudwatch_event_rule', 'event_pattern');
  for (const [address, pattern] of patterns)
    problems.push(...checkPattern(pattern).map((problem) => `${address}: ${problem}`));
  const machines = textsOf(resources, 'aws_sfn_state_machine', 'definition');
  for (const [address, definition] of machines) {
    const { isValid, errorsText } = validate(JSON.parse(definition));
    if (!isValid) problems.push(`${address}: ${errorsText()}`);
  }
  problems.push(...resources.flatMap(checkBuildspec), ...resources.flatMap((one) => checkQuotas(one)));
  problems.push(...resources.flatMap(checkLimits));
  return problems;
}

function inlineSizes(resources: Resource[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { type, values } of resources) {
    if (type !== 'aws_iam_role_policy') continue;
    const role = String(values['role']);
    sizes.set(role, (sizes.get(role) ?? 0) + String(values['policy']).replace(/\s/g, '').length);
  }
  return sizes;
}
