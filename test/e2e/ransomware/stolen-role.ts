import { keysFor } from '../../support/aws-policies/reference.ts';
import type { Resource } from '../../support/aws-policies/rendered.ts';
import { resourcePolicyOf } from '../../support/aws-policies/resource-policies.ts';
import type { Role } from '../../support/aws-policies/roles.ts';
import { isAllowed, type Request } from '../../support/aws-policies/simulate.ts';
import type { Thief } from '../rehearsal/escalations.ts';

/** One call of a thief: what IAM would be asked, and the call itself. */
export interface Attempt extends Request {
  send: () => Promise<unknown>;
}

/**
 * A role in the hands of a thief. The stand-in enforces no policy, so each call first has to pass the role's policies, its
 * boundary and the policy of the resource, as Terraform has rendered them.
 */
export class StolenRole {
  readonly thief: Thief;
  readonly #role: Role;
  readonly #resources: Resource[];
  readonly #answers = new Map<string, Promise<boolean>>();

  /** @param resources of the deployment, among which are the policies of buckets and keys */
  constructor(role: Role, thief: Thief, resources: Resource[]) {
    this.#role = role;
    this.thief = thief;
    this.#resources = resources;
  }

  get name(): string {
    return this.#role.name;
  }

  /** Makes the call where the policies let it through. @returns whether they do */
  async try({ action, resource, context = {}, send }: Attempt): Promise<boolean> {
    const key = JSON.stringify([action, resource, context]);
    const answer = this.#answers.get(key) ?? this.#isAllowed({ action, resource, context });
    this.#answers.set(key, answer);
    if (!(await answer)) return false;
    // What storage itself refuses, such as to create what is there, leaves everything as it is: that is looked at next.
    await send().catch(() => undefined);
    return true;
  }

  async #isAllowed({ action, resource, context = {} }: Request): Promise<boolean> {
    const request = { action, resource, context: await keysFor({ action, resource }, context) };
    return isAllowed(this.#role, request, resourcePolicyOf(resource, this.#resources));
  }
}
