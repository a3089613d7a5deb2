import { expect } from 'chai';
import { keysFor } from '../../support/aws-policies/reference.ts';
import { resourcePolicyOf } from '../../support/aws-policies/resource-policies.ts';
import { rolesOf } from '../../support/aws-policies/roles.ts';
import { isAllowed } from '../../support/aws-policies/simulate.ts';
import { escalationsOf } from '../rehearsal/escalations.ts';
import { name } from '../rehearsal/settings.ts';
import type { RehearsedScenario } from '../scenario.ts';
import { rowsShown, writtenRows } from '../security-table.ts';
import { thiefOf } from '../thief.ts';

/**
 * Which roles could make the calls that destroy, forge or reach further, simulated over the policies as they are
 * rendered: what SECURITY.md shows, letter by letter.
 */
export const rolesKeepPromises: RehearsedScenario = {
  name: 'roles-keep-promises',
  async judge({ created, others }) {
    const deploying = others.filter(({ address }) => address.startsWith('module.bootstrap.'));
    const resources = [...created, ...deploying];
    const roles = rolesOf(resources).map((role) => ({ role, thief: thiefOf(role, name) }));
    const rows: string[][] = [];
    for (const escalation of escalationsOf(created)) {
      const able = new Set<string>();
      for (const { role, thief } of roles)
        for (const { action, resource, context = {} } of escalation.requests(thief)) {
          const request = { action, resource, context: await keysFor({ action, resource }, context) };
          if (!able.has(thief.kind) && (await isAllowed(role, request, resourcePolicyOf(resource, resources))))
            able.add(thief.kind);
        }
      rows.push([escalation.call, able.size === 0 ? 'none' : [...able].sort().join(', ')]);
    }
    const shown = await rowsShown('roles');
    expect(shown, `SECURITY.md shows another table than:\n${writtenRows(rows)}\n`).to.deep.equal(rows);
  },
};
