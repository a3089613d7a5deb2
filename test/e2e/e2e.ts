import { inspect, isDeepStrictEqual } from 'node:util';
import { localAwsAvailable } from '../support/local-aws.ts';
import { pipAvailable } from '../support/package-managers.ts';
import { preparePython } from '../support/python.ts';
import { rehearse, type Rehearsal } from './rehearsal/rehearse.ts';
import type { RehearsedScenario, Scenario } from './scenario.ts';
import { bootstrapSuffices } from './scenarios/bootstrap-suffices.ts';
import {
  codecommitCodebuild,
  codecommitEvent,
  codecommitRestore,
  codecommitSchedule,
  seedCodeCommit,
} from './scenarios/codecommit.ts';
import { codeartifactEvent } from './scenarios/codeartifact-event.ts';
import {
  restoreGeneric,
  restoreMaven,
  restoreNpm,
  restoreNuget,
  restorePypi,
} from './scenarios/codeartifact-restore.ts';
import { codeartifactSweep, seedCodeArtifact } from './scenarios/codeartifact.ts';
import { codecommitCrossAccount } from './scenarios/cross-account.ts';
import { destroyKeepsVault, planIsEmpty } from './scenarios/deploy.ts';
import { chainFindsRollback, drillFindsDamage, drillSchedule } from './scenarios/drill.ts';
import { efsBackup, efsOrphan, efsRestore, efsWindowStop, seedFileSystem } from './scenarios/efs.ts';
import { githubApp, githubDatasets, githubLfs } from './scenarios/github.ts';
import { leastPrivilege } from './scenarios/least-privilege.ts';
import { ransomware } from './scenarios/ransomware.ts';
import { policiesAreReal } from './scenarios/policies-are-real.ts';
import { reportHtml } from './scenarios/report-html.ts';
import { rolesKeepPromises } from './scenarios/roles-keep-promises.ts';
import {
  codebuildRoute,
  malformedSecret,
  partialRun,
  retention,
  scheduleToSnapshot,
  secretChange,
  seed,
} from './scenarios/runs.ts';
import { deployment, instanceToolsAvailable, terraformAvailable, World } from './world.ts';

/** About the configuration alone, whatever runs: they need no deployed system. */
const rehearsed: RehearsedScenario[] = [policiesAreReal, bootstrapSuffices, rolesKeepPromises];

/** In this order: each finds the vault as those before it left it. `--only <name,…>` runs these and no others. */
const scenarios: Scenario[] = [
  planIsEmpty,
  scheduleToSnapshot,
  secretChange,
  malformedSecret,
  partialRun,
  codebuildRoute,
  retention,
  drillSchedule,
  drillFindsDamage,
  chainFindsRollback,
  reportHtml,
  githubApp,
  githubDatasets,
  githubLfs,
  codecommitSchedule,
  codecommitCodebuild,
  codecommitEvent,
  codecommitRestore,
  codecommitCrossAccount,
  codeartifactSweep,
  codeartifactEvent,
  restoreMaven,
  restoreNpm,
  restorePypi,
  restoreNuget,
  restoreGeneric,
  efsBackup,
  efsWindowStop,
  efsOrphan,
  efsRestore,
  leastPrivilege,
  ransomware,
  destroyKeepsVault,
];

/** Takes longer than all others together, so it runs where it is named: `npm run ransomware-drill`. */
const onRequest = [ransomware.name];

const variables = (world: World, efs: string): string => `
name          = "${deployment}"
github        = { prefix = "backups", retention = { days = 0, keep_last = 3, keep_verified = 0 }, margin_hours = 24 }
codecommit    = { prefix = "backups", git_endpoint = "${world.codecommit.url}", events = true, tags = { kept = "" }, retention = { days = 0, keep_last = 1, keep_verified = 0 } }
codeartifact  = { prefix = "backups", filters = [{ domain = "company", repositories = ["lib*"] }], retention = { days = 0, keep_last = 1, keep_verified = 0 } }
efs           = ${efs}
vault         = { writers = { prefix = "shared", accounts = { "210987654321" = ["arn:aws:iam::210987654321:role/backup-*"] } } }
notifications = { emails = ["backups@example.com"] }
`;

preparePython();
const missing = [localAwsAvailable(), terraformAvailable(), pipAvailable(), instanceToolsAvailable()].filter(
  (answer) => answer !== true,
);
if (missing.length > 0) {
  print(`failed setup: ${missing.join('; ')}`);
  process.exit(1);
}

let failed = 0;
const only = chosen();
const rehearsing = rehearsed.filter(({ name }) => only.has(name));
// It mostly waits, as Terraform does, so it goes on beside all else.
const rehearsal = rehearsing.length > 0 ? rehearse() : undefined;
rehearsal?.catch(() => undefined);
if (scenarios.some(({ name }) => only.has(name))) await runScenarios();
if (rehearsal) await judge(rehearsal);
process.exit(failed === 0 ? 0 : 1);

async function runScenarios(): Promise<void> {
  const world = await World.start();
  try {
    await seed(world);
    await seedCodeCommit(world);
    seedCodeArtifact(world);
    await world.prepare(variables(world, await seedFileSystem(world)));
    await world.deploy();
    for (const scenario of scenarios.filter(({ name }) => only.has(name)))
      await report(scenario.name, () => scenario.run(world));
  } catch (error) {
    failed++;
    print(`failed setup: ${describe(error)}`);
  } finally {
    await world.close();
  }
}

async function judge(rehearsal: Promise<Rehearsal>): Promise<void> {
  for (const scenario of rehearsing) await report(scenario.name, async () => scenario.judge(await rehearsal));
}

async function report(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    print(`ok ${name}`);
  } catch (error) {
    failed++;
    print(`failed ${name}: ${describe(error)}`);
  }
}

function chosen(): Set<string> {
  const all = [...scenarios, ...rehearsed].map(({ name }) => name);
  const at = process.argv.indexOf('--only');
  if (at < 0) return new Set(all.filter((name) => !onRequest.includes(name)));
  const names = (process.argv[at + 1] ?? '').split(',');
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(', ')}`);
  return new Set(names);
}

/** One line; the details of a comparison follow on standard error. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('actual' in error && 'expected' in error && !isDeepStrictEqual(error.actual, error.expected))
    process.stderr.write(`${inspect(error.actual)}
instead of
${inspect(error.expected)}
`);
  if (process.argv.includes('--debug')) process.stderr.write(`${error.stack ?? ''}\n`);
  return error.message.split('\n').slice(0, 40).join(' ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
