/**
 * What no scenario of the deployed system shows: the configuration with everything on, created, planned, changed and
 * destroyed, with the record of each call that Terraform made; and all that it renders in other shapes.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resourcesOf, type Resource } from '../../support/aws-policies/rendered.ts';
import { startLocalAws, type LocalAws, type LocalAwsCall } from '../../support/local-aws.ts';
import {
  backend,
  bootstrap,
  changed,
  elsewhere,
  everything,
  given,
  least,
  leastBootstrap,
  seed,
  seedState,
} from './settings.ts';
import type { Surroundings } from './settings.ts';
import { Workplace } from './workplace.ts';

export const phases = ['create', 'plan', 'change', 'destroy'] as const;
export type Phase = (typeof phases)[number];

export interface Rehearsal {
  /** The deployment with everything on, as it was created and as it was after the change. */
  created: Resource[];
  changed: Resource[];
  /** Every other shape: `module.given`, `module.least`, `module.bootstrap`, and what is applied elsewhere. */
  others: Resource[];
  /** What Terraform called in each phase, with the keys of a person. */
  calls: Record<Phase, LocalAwsCall[]>;
}

export async function rehearse(): Promise<Rehearsal> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-rehearsal-'));
  const [first, second] = await Promise.all([startLocalAws(), startLocalAws()]);
  try {
    const surroundings = await seed(first);
    await seedState(first);
    const [deployment, others] = await Promise.all([
      rehearseEverything(path.join(folder, 'everything'), first, surroundings),
      renderOthers(path.join(folder, 'others'), second, surroundings),
    ]);
    return { ...deployment, others };
  } finally {
    await Promise.all([first.close(), second.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function rehearseEverything(
  folder: string,
  aws: LocalAws,
  surroundings: Surroundings,
): Promise<Omit<Rehearsal, 'others'>> {
  const workplace = await Workplace.create(folder, '.', aws, everything(surroundings));
  await workplace.write('backend.hcl', backend);
  await workplace.terraform('init', '-input=false', '-backend-config=backend.hcl');
  const record = async (work: () => Promise<unknown>): Promise<LocalAwsCall[]> => {
    await aws.forgetCalls();
    await work();
    return (await aws.calls()).filter(({ caller }) => caller.role === null);
  };
  const calls = {} as Record<Phase, LocalAwsCall[]>;
  calls.create = await record(() => workplace.apply());
  const created = resourcesOf(await workplace.show());
  calls.plan = await record(() => workplace.terraform('plan', '-input=false', '-no-color'));
  await workplace.set(changed(surroundings));
  calls.change = await record(() => workplace.apply());
  const after = resourcesOf(await workplace.show());
  await permitDestruction(workplace);
  calls.destroy = await record(() => workplace.apply('-destroy'));
  return { created, changed: after, calls };
}

/** As somebody would who wants to get rid of everything: takes out what keeps Terraform from destroying snapshots. */
async function permitDestruction(workplace: Workplace): Promise<void> {
  for (const file of ['efs-file-system/vault.tf', 'efs/records.tf', 'vault/main.tf', 'vault/encryption.tf']) {
    const name = path.join(workplace.folder, 'modules', file);
    await writeFile(name, (await readFile(name, 'utf8')).replace('prevent_destroy = true', 'prevent_destroy = false'));
  }
}

/** All in one apply, since most of its time Terraform waits. */
async function renderOthers(folder: string, aws: LocalAws, full: Surroundings): Promise<Resource[]> {
  const surroundings = await seed(aws);
  await Workplace.create(folder, '.', aws, {});
  const artifacts = '../tests/artifacts';
  const modules = {
    given: { source: '../modules/holdfast', ...given(surroundings), artifacts },
    least: { source: '../modules/holdfast', ...least, artifacts },
    // Of the deployment with everything on, which the other stand-in has.
    bootstrap: { source: '../bootstrap', ...bootstrap(full) },
    least_bootstrap: { source: '../bootstrap', ...leastBootstrap },
    ...Object.fromEntries(
      elsewhere.map(({ module, variables }, index) => [
        `${module}-${index}`,
        { source: `../modules/${module}`, ...variables },
      ]),
    ),
  };
  await mkdir(path.join(folder, 'all'));
  const all = new Workplace(folder, 'all', aws);
  await all.write('main.tf.json', JSON.stringify({ module: modules }));
  await all.terraform('init', '-input=false');
  await all.apply();
  return resourcesOf(await all.show());
}
