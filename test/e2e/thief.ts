import type { Role } from '../support/aws-policies/roles.ts';
import type { Thief } from './rehearsal/escalations.ts';

/** @param deployment its name: `full-github-backup` is `backup` of github in the deployment `full` */
export function thiefOf({ name }: Role, deployment: string): Thief {
  const rest = name.slice(deployment.length + 1);
  const [, source = '', kind = ''] = /^(github|gitlab|gitea|codecommit|codeartifact)-(.*)$/.exec(rest) ?? [];
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
