import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument, Statement } from './document.ts';
import { matches } from './patterns.ts';
import type { NamedPolicy } from './roles.ts';

/** What somebody may do by policies of their own. */
export interface Rights {
  arn: string;
  policies: NamedPolicy[];
  boundary?: NamedPolicy;
}

export interface Request {
  action: string;
  /** An ARN without wildcards, or `*` for an action that knows no resources. */
  resource: string;
  /** Condition keys; those that AWS does not give for the action on such a resource are left out. */
  context?: Record<string, string | string[]>;
}

/**
 * Whether AWS would let a request of a role through, by its policies, its boundary and, where there is one, the
 * resource's own policy. The rules are those of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export async function isAllowed(rights: Rights, request: Request, resourcePolicy?: PolicyDocument): Promise<boolean> {
  const { action, resource, context } = request;
  const { arn, policies, boundary } = rights;
  // Most requests nobody has been granted: that needs no simulation.
  if (
    ![...policies.map(({ policy }) => policy), ...(resourcePolicy ? [resourcePolicy] : [])].some((policy) =>
      grants(action, policy),
    )
  )
    return false;
  const accountId = arn.split(':')[4] ?? '';
  const about = (policy: PolicyDocument): object => statementsAbout(action, policy);
  const simulation: Simulation = {
    request: {
      principal: arn.replace(/:iam:(.*):role\/(?:.*\/)?([^/]+)$/, ':sts:$1:assumed-role/$2/session'),
      action,
      resource: { resource, accountId },
      contextVariables: { 'aws:SecureTransport': 'true', 'aws:CurrentTime': new Date().toISOString(), ...context },
    },
    identityPolicies: policies.map(({ name, policy }) => ({ name, policy: about(policy) })),
    ...(boundary ? { permissionBoundaryPolicies: [{ name: boundary.name, policy: about(boundary.policy) }] } : {}),
    ...(resourcePolicy ? { resourcePolicy: about(resourcePolicy) } : {}),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === 'error' && result.errors.message !== noSuchResource)
    throw new Error(`${action} on ${resource} cannot be simulated: ${JSON.stringify(result.errors)}`);
  // It also refuses what belongs to no account, such as AWS's own documents, and takes the source of an event, of which
  // a request has one, for a list.
  if (result.resultType === 'error' || action === 'events:PutEvents')
    return runUnsafeSimulation(simulation, {}) === 'Allowed';
  return result.overallResult === 'Allowed';
}

/** The simulation's word for a resource that has not the form of any that the action works on. */
const noSuchResource = 'no.resource.types';

function grants(action: string, policy: PolicyDocument): boolean {
  return policy.Statement.some((statement) => statement.Effect === 'Allow' && isAbout(action, statement));
}

function isAbout(action: string, { Action }: Statement): boolean {
  return !Action || Action.some((one) => matches(one.toLowerCase(), action.toLowerCase()));
}

/**
 * What of a policy counts for an action, which saves most of the time: a simulation validates all that it is given.
 * Without what is empty, as it was before it was parsed.
 */
function statementsAbout(action: string, policy: PolicyDocument): object {
  const Statement = policy.Statement.filter((statement) => isAbout(action, statement)).map((statement) =>
    Object.fromEntries(
      Object.entries(statement).filter(
        ([, value]) => value !== '' && (typeof value !== 'object' || Object.keys(value).length > 0),
      ),
    ),
  );
  return { Version: '2012-10-17', Statement };
}
