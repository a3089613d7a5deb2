import { count, formatBytes, formatDuration } from '#core/runtime/format.ts';
import { document } from '../html/document.ts';
import { html, type Html } from '../html/html.ts';
import { badge, name, table } from '../html/parts.ts';
import { requirements } from './frameworks.ts';
import type { Evidence, SourceEvidence } from './gather.ts';

/** Exceptions that are shown; exceptions.csv has them all. */
const exceptionsShown = 200;

/** One page for an auditor, whole in itself; the other files of the folder have the same in full. */
export function evidencePage({ vault, period, gathered, protection, sources }: Evidence): string {
  return document(
    `Evidence of backups in ${vault}`,
    html`<header>
        <h1>Evidence of backups in ${name(vault)}</h1>
        <p>From ${day(period.from)} to ${day(period.to)} (UTC), gathered ${gathered.toISOString()}</p>
      </header>
      <main>
        <h2>Scope</h2>
        ${table(
          ['Source', 'Items', 'Snapshots', 'Stored', 'Proven now', 'Runs', 'Drills', 'Exceptions'],
          sources.map(({ source, items, runs, drills, exceptions }) => [
            source,
            number(items.length),
            number(items.reduce((sum, { snapshots }) => sum + snapshots, 0)),
            formatBytes(items.reduce((sum, { bytes }) => sum + bytes, 0)),
            `${items.filter(({ verdict }) => verdict === 'intact').length} of ${items.length}`,
            number(runs.length),
            number(drills.length),
            number(exceptions.length),
          ]),
          'What the evidence covers',
        )}
        <h2>Policy, as far as the vault knows it</h2>
        ${table(
          ['What', 'As found'],
          [
            ...(protection === undefined
              ? [['Protection', 'a folder: only its file system and its permissions protect it']]
              : [
                  ['Object Lock', protection.objectLock],
                  ['Earlier versions', protection.versioning],
                  ['Copies', protection.replication],
                ]),
            ...sources.flatMap((one) => [
              [`${one.source}: time between runs, half of them at most`, intervalOf(one)],
              [`${one.source}: snapshots that retention removed, on record`, number(one.removed)],
            ]),
            [
              'Schedule and retention as they are set',
              'not in the vault: in the deployment (Terraform) or holdfast.json',
            ],
          ],
          'How backups are kept',
        )}
        ${sources.map(section)}
        <h2>What this speaks to, and what it does not show</h2>
        ${table(
          ['Framework', 'Clause', 'Asks, in short', 'Shown here', 'Not shown here'],
          requirements.map(({ framework, clause, asks, shown, notShown }) => [
            framework,
            clause,
            asks,
            shown,
            notShown,
          ]),
          'Clauses that the evidence can support',
        )}
        <p>
          The wording of the clauses is shortened; their own text is binding. None of this is a statement of conformity:
          whether a clause is met is for an auditor to judge.
        </p>
      </main>
      <footer>
        <p>
          Made by Holdfast from what the vault holds. Check the files by <code>sha256sum --check SHA256SUMS</code>, and
          reports and records of drills by the digests in runs.csv and drills.csv against the vault. It does not show
          that the sources hold nothing else than they list, nor who looked at what failed.
        </p>
      </footer>`,
  );
}

function section({ source, runs, drills, exceptions, chain, unreadable }: SourceEvidence): Html {
  const { links, snapshots, roots, problems } = chain;
  return html`<section aria-labelledby="${source}">
    <h2 id="${source}">${source}</h2>
    <p>
      ${problems.length === 0 ? html`${badge('good', 'whole')} The chain of ${count(links, 'report')} over ${count(snapshots, 'snapshot')} agreed with the vault when this was gathered.` : html`${badge('bad', 'broken')} ${count(problems.length, 'thing')} disagreed with the chain of reports when this was gathered.`}
      ${roots.map(({ sha256 }) => html`Root <code>${sha256}</code>. `)}
      ${unreadable.length === 0 ? undefined : html`${badge('bad', 'unreadable')} ${count(unreadable.length, 'report')}.`}
    </p>
    <h3>Runs</h3>
    ${
      runs.length === 0
        ? html`<p>No run in this time.</p>`
        : table(
            ['Run', 'Result', 'Listed', 'Stored', 'Unchanged', 'Skipped', 'Failed', 'Bytes', 'Took'],
            runs.map((run) => [
              run.run,
              badge(run.result === 'complete' ? 'good' : run.result === 'failed' ? 'bad' : 'warn', run.result),
              ...[run.listed, run.stored, run.unchanged, run.skipped, run.failed].map(number),
              formatBytes(run.bytes),
              took(run),
            ]),
            `Runs over ${source}`,
          )
    }
    <h3>Tests of restoring</h3>
    ${
      drills.length === 0
        ? html`<p>${badge('warn', 'none')} Nothing was drilled or verified in this time.</p>`
        : table(
            ['Ended', 'How', 'Restored whole', 'Damaged', 'Not drilled', 'Read', 'Chain', 'Took'],
            drills.map((drill) => [
              drill.finished,
              drill.how,
              known(drill.intact),
              known(drill.damaged),
              known(drill.notDrilled),
              drill.bytes === undefined ? '–' : formatBytes(drill.bytes),
              drill.chainProblems === undefined
                ? 'not walked'
                : drill.chainProblems === 0
                  ? badge('good', 'whole')
                  : badge('bad', count(drill.chainProblems, 'problem')),
              took(drill),
            ]),
            `Drills and verifications of ${source}`,
          )
    }
    <h3>Exceptions</h3>
    ${
      exceptions.length === 0
        ? html`<p>None.</p>`
        : table(
            ['When', 'What', 'Where', 'Why', 'Acknowledged by, on'],
            exceptions.slice(0, exceptionsShown).map(({ when, what, item, why }) => [when, what, name(item), why, '']),
            `What was not as it ought to be in ${source}`,
          )
    }
    ${exceptions.length > exceptionsShown ? html`<p>And ${exceptions.length - exceptionsShown} more, in exceptions.csv.</p>` : undefined}
  </section>`;
}

/** The median, which one late run does not change. */
function intervalOf({ runs }: SourceEvidence): string {
  const times = runs.map(({ started }) => Date.parse(started)).sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  gaps.sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)];
  return median === undefined ? 'fewer than two runs' : formatDuration(median);
}

function took({ started, finished }: { started: string; finished: string }): string {
  return formatDuration(Math.max(0, Date.parse(finished) - Date.parse(started)));
}

function known(value: number | undefined): string {
  return value === undefined ? '–' : number(value);
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
