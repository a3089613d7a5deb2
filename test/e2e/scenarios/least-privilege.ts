import { expect } from 'chai';
import { grantsOf, matches, type Grant } from '../policies.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

/** Grants that no run on this machine can use, each with the reason. */
const unusedHere: [action: string, why: string][] = [
  ['kms:*', 'the stand-in encrypts nothing'],
  ['logs:*', 'AWS itself writes these logs in the name of the role'],
  ['xray:*', 'the stand-in takes no traces'],
  ['s3:AbortMultipartUpload', 'only an upload that failed is aborted'],
  ['s3:GetObjectVersion', 'CodeBuild reads its source by version, the stand-in does not'],
  ['codeartifact:ReadFromRepository', "what is asked of a registry does not pass the stand-in's API"],
  ['sqs:SendMessage', 'only what cannot be delivered goes to the queue of dead letters'],
  ['states:StopExecution', 'Step Functions stops the items of a run that is stopped'],
  ['states:RedriveExecution', 'Step Functions redrives the items of a run that is redriven'],
  ['elasticfilesystem:Client*', 'EFS asks for these when a file system is mounted'],
  ['ssm:UpdateInstanceInformation', 'the agent on an instance registers, which the stand-in has none of'],
  ['ssmmessages:*', 'the same agent takes commands'],
  ['ec2messages:*', 'the same agent takes commands'],
  ['states:DescribeExecution', 'Step Functions follows the items of a map itself'],
];

/** As above, for some roles alone. */
const unusedOf: [role: RegExp, action: string, why: string][] = [
  [/-(codecommit|codeartifact)-drill$/, 'sns:Publish', "a drill that finds nothing is silent; GitHub's finds damage"],
];

/** What AWS refuses without harm, with the reason. */
const refusedWithoutHarm: [need: RegExp, why: string][] = [
  [
    /-report needs s3:ListBucket on /,
    'whether a report was told already is asked of storage, and a refusal counts as no',
  ],
];

/**
 * What each role has done in all the runs so far against what it is allowed: nothing may be missing, since AWS would
 * have refused it, and nothing may be there that no run needs.
 */
export const leastPrivilege: Scenario = {
  name: 'least-privilege',
  async run(world) {
    // The checks that no run makes.
    for (const source of ['github', 'codecommit', 'codeartifact']) {
      const role = `${deployment}-${source}-freshness`;
      await world.aws.fire(role);
      await world.until(async () =>
        (await world.aws.calls()).some(
          ({ operation, caller }) => operation === 'ListExecutions' && caller.via === `lambda:${role}`,
        ),
      );
    }
    for (const source of ['codecommit', 'codeartifact']) {
      const { status, said } = await world.fireSchedule(undefined, `${source}-drill`);
      expect(status, said).to.equal('SUCCEEDED');
    }
    const { grants, used, missing } = await useOfGrants(world);
    const idle: string[] = [];
    for (const [role, allowed] of grants) {
      for (const grant of allowed) {
        if (used.has(grant) || unusedHere.some(([pattern]) => matches(pattern, grant.action))) continue;
        if (unusedOf.some(([who, pattern]) => who.test(role) && matches(pattern, grant.action))) continue;
        idle.push(`${role} never used ${grant.action} on ${grant.resources.join(', ')} (${grant.sid})`);
      }
    }
    expect(missing, 'missing').to.deep.equal([]);
    expect(idle, 'unused').to.deep.equal([]);
    expect(used.size).to.be.above(20);
  },
};

/** What the deployment's roles are allowed, which of that they have used so far, and what they did without a grant. */
export async function useOfGrants(
  world: World,
): Promise<{ grants: Map<string, Grant[]>; used: Set<Grant>; missing: string[] }> {
  const grants = await grantsOf(deployment, world.clientConfig);
  const used = new Set<Grant>();
  const missing = new Set<string>();
  for (const { caller, permissions } of await world.aws.calls()) {
    if (caller.role === null) continue;
    const allowed = grants.get(caller.role);
    if (!allowed) continue;
    for (const { action, resource } of permissions) {
      const granting = allowed.filter(
        (grant) =>
          matches(grant.action.toLowerCase(), action.toLowerCase()) &&
          grant.resources.some((one) => matches(one, resource)),
      );
      const need = `${caller.role} needs ${action} on ${resource}`;
      if (granting.length === 0 && !refusedWithoutHarm.some(([harmless]) => harmless.test(need))) missing.add(need);
      for (const grant of granting) used.add(grant);
    }
  }
  return { grants, used, missing: [...missing] };
}
