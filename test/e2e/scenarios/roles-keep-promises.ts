import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { keysFor } from '../../support/aws-policies/reference.ts';
import { resourcePolicyOf } from '../../support/aws-policies/resource-policies.ts';
import { rolesOf, type Role } from '../../support/aws-policies/roles.ts';
import { isAllowed } from '../../support/aws-policies/simulate.ts';
import { escalationsOf, type Thief } from '../rehearsal/escalations.ts';
import { name } from '../rehearsal/settings.ts';
import type { RehearsedScenario } from '../scenario.ts';

const security = new URL('../../../SECURITY.md', import.meta.url);

/**
 * Which roles could make the calls that destroy, forge or reach further, simulated over the policies as they are
 * rendered: what SECURITY.md shows, letter by letter.
 */
export const rolesKeepPromises: RehearsedScenario = {
  name: 'roles-keep-promises',
  async judge({ created, others }) {
    const deploying = others.filter(({ address }) => address.startsWith('module.bootstrap.'));
    const resources = [...created, ...deploying];
    const roles = rolesOf(resources).map((role) => ({ role, thief: thiefOf(role) }));
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
    const shown = await shownIn(security);
    expect(shown, `SECURITY.md shows another table than:\n${written(rows)}\n`).to.deep.equal(rows);
  },
};

/** `full-github-backup` is `backup` of github. */
function thiefOf({ name: full }: Role): Thief {
  const rest = full.slice(name.length + 1);
  const [, source = '', kind = ''] = /^(github|codecommit|codeartifact)-(.*)$/.exec(rest) ?? [];
  if (kind !== '') return { source, kind: kinds[kind] ?? kind };
  const instance = /^efs-(.*)-instance$/.exec(rest)?.[1];
  return instance === undefined
    ? { source: '', kind: kinds[rest] ?? rest }
    : { source: instance, kind: 'instance for EFS' };
}

/** What SECURITY.md calls roles, where it is not by their names. */
const kinds: Record<string, string> = {
  codebuild: 'build',
  'state-machine': 'state machine',
  'drill-state-machine': 'state machine',
  'drill-schedule': 'schedule',
  checks: 'schedule',
  'efs-schedule': 'schedule of EFS',
  'deploy-plan': 'plan',
  'deploy-apply': 'apply',
};

async function shownIn(file: URL): Promise<string[][]> {
  const text = await readFile(file, 'utf8');
  const [, table] = /<!-- roles: begin.*?-->\n(.*?)<!-- roles: end -->/s.exec(text) ?? [];
  return (table ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function written(rows: string[][]): string {
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
