import { count, formatAge, formatBytes, formatDuration } from '#core/runtime/format.ts';
import { addressOf } from '#core/vault/layout.ts';
import { nameOf } from '../drill-message.ts';
import { missedObjectives } from '../measured-objectives.ts';
import { barChart } from './charts.ts';
import { document } from './document.ts';
import { html, type Html } from './html.ts';
import { badge, folded, name, rowsShown, table } from './parts.ts';
import type { ItemOverview, RunOverview, SourceOverview } from './overview.ts';

/**
 * One page for people, whole in itself: what is protected, what is not and why, how fresh and how well proven it is, and
 * how runs went. Everything that came from elsewhere is escaped, and the page may load and run nothing.
 * @param location of the vault
 */
export function reportPage(location: string, sources: readonly SourceOverview[], now: Date): string {
  return document(
    `Backups in ${location}`,
    html`<header>
        <h1>Backups in <bdi>${location}</bdi></h1>
        <p>As of ${day(now)} ${now.toISOString().slice(11, 16)} UTC</p>
      </header>
      <main>${summary(sources, now)} ${sources.map((one) => section(one, now))}</main>
      <footer>
        <p>
          Made by Holdfast from what the vault holds. It shows what was stored and proven; it does not show that the
          sources hold nothing else than they list.
        </p>
      </footer>`,
  );
}

function summary(sources: readonly SourceOverview[], now: Date): Html {
  if (sources.length === 0) return html`<p>The vault holds nothing yet.</p>`;
  return html`<section aria-labelledby="summary">
    <h2 id="summary">Summary</h2>
    ${table(
      ['Source', 'State', 'Items', 'Snapshots', 'Stored', 'Newest snapshot', 'Proven', 'Last run', 'Last drill'],
      sources.map((one) => [
        html`<a href="#${one.source}">${one.source}</a>`,
        state(one),
        one.items.length.toLocaleString('en'),
        sum(one.items, ({ snapshots }) => snapshots).toLocaleString('en'),
        formatBytes(sum(one.items, ({ bytes }) => bytes)),
        ago(newestOf(one.items), now),
        `${one.items.filter(({ verdict }) => verdict === 'intact').length} of ${one.items.length}`,
        one.last ? `${one.last.result}, ${ago(new Date(one.last.finished), now)}` : 'none',
        one.drill ? ago(new Date(one.drill.finished), now) : 'none',
      ]),
      'What each source has in the vault',
    )}
  </section>`;
}

/** The worst that is to be said. */
function state({ items, last, drill }: SourceOverview): Html {
  const damaged = items.filter(({ verdict }) => verdict === 'damaged').length;
  const broken = drill?.chain.broken ?? 0;
  if (damaged > 0) return badge('bad', `${count(damaged, 'item')} damaged`);
  if (broken > 0) return badge('bad', 'changed since it was stored');
  if ((last?.chain?.missing ?? 0) > 0) return badge('bad', 'snapshots are missing');
  if (last?.result === 'failed') return badge('bad', 'the last run failed');
  if (last && last.coverage.failed > 0) return badge('warn', `${count(last.coverage.failed, 'item')} failed`);
  if (missedObjectives(last?.objectives).length > 0) return badge('warn', 'an objective is missed');
  if (items.some(({ verdict }) => verdict === undefined)) return badge('warn', 'not all proven');
  return badge('good', 'well');
}

function section(one: SourceOverview, now: Date): Html {
  const { source, items, runs, last, root, drill } = one;
  const failed = last?.exceptions.filter(({ outcome }) => outcome === 'failed') ?? [];
  const skipped = last?.exceptions.filter(({ outcome }) => outcome === 'skipped') ?? [];
  const damaged = items.filter(({ verdict }) => verdict === 'damaged');
  const left = leftBehind(one);
  return html`<section aria-labelledby="${source}">
    <h2 id="${source}">${source}</h2>
    ${last?.error ? html`<p class="bad">The last run failed: ${last.error.code}: ${last.error.message} ${last.error.advice}</p>` : undefined}
    <h3>Not protected, and why</h3>
    ${failed.length + skipped.length + damaged.length + left.length === 0 ? html`<p>Everything that the last run listed is protected.</p>` : undefined}
    ${folded(
      ['Item', 'What', 'Why'],
      [
        ...damaged.map(({ address }) => [
          name(address),
          badge('bad', 'damaged'),
          'its newest snapshot does not restore; the next run stores it again',
        ]),
        ...failed.map(({ address, why }) => [name(address), badge('bad', 'failed'), why]),
        ...left.map(({ address, newest }) => [
          name(address),
          badge('warn', 'left behind'),
          `the last run did not list it; kept as of ${day(newest)}`,
        ]),
        ...skipped.map(({ address, why }) => [name(address), badge('warn', 'skipped'), why]),
      ],
      `What the last run over ${source} does not protect`,
    )}
    ${objectives(one)} ${notes(last?.warnings ?? [])}
    <h3>Runs</h3>
    ${runs.length === 0 ? html`<p>No run in this time.</p>` : charts(source, runs)}
    <h3>Proof</h3>
    ${drill ? drilled(one, now) : html`<p>Nothing of ${source} was drilled on a schedule. Of ${count(items.length, 'newest snapshot')}, ${items.filter(({ verdict }) => verdict === 'intact').length} were proven by a check that a person made.</p>`}
    ${root === undefined ? undefined : html`<p>Root of the chain of reports: <code>${root}</code>${last?.chain ? ` over ${count(last.chain.snapshots, 'snapshot')}` : undefined}. Kept elsewhere, it shows later whether anything was changed, removed or put back.</p>`}
    <h3>Items</h3>
    ${folded(
      ['Item', 'Snapshots', 'Stored', 'Newest', 'Proven'],
      items.map((item) => [
        name(item.address),
        item.snapshots.toLocaleString('en'),
        formatBytes(item.bytes),
        day(item.newest),
        item.verdict === undefined
          ? badge('warn', 'never checked')
          : badge(
              item.verdict === 'intact' ? 'good' : 'bad',
              `${item.verdict}, ${item.checked ? day(item.checked) : ''}`,
            ),
      ]),
      `The items of ${source} in the vault`,
    )}
  </section>`;
}

/** Items whose newest snapshot is older than the last run, which did not say why. Of packages only what is new is stored. */
function leftBehind({ source, items, last }: SourceOverview): ItemOverview[] {
  if (!last || source === 'codeartifact' || last.result === 'failed' || last.result === 'interrupted') return [];
  const known = new Set(last.exceptions.map(({ address }) => address));
  const began = Math.min(Date.parse(last.started), Date.parse(runTime(last)));
  return items.filter(({ address, newest }) => newest.getTime() < began && !known.has(address));
}

function charts(source: string, runs: readonly RunOverview[]): Html {
  const bars = (value: (run: RunOverview) => number, shown: (run: RunOverview) => string) =>
    runs.map((run) => ({ label: day(new Date(runTime(run))), value: value(run), shown: shown(run) }));
  const lasted = ({ started, finished }: RunOverview): number =>
    Math.max(0, Date.parse(finished) - Date.parse(started));
  return html`<div class="charts">
      ${barChart(
        `${source}-items`,
        'Items protected',
        bars(
          ({ coverage }) => coverage.stored + coverage.unchanged,
          ({ coverage }) => count(coverage.stored + coverage.unchanged, 'item'),
        ),
      )}
      ${barChart(
        `${source}-failed`,
        'Items failed',
        bars(
          ({ coverage }) => coverage.failed,
          ({ coverage }) => count(coverage.failed, 'item'),
        ),
      )}
      ${barChart(
        `${source}-bytes`,
        'Newly stored',
        bars(
          ({ bytes }) => bytes,
          ({ bytes }) => formatBytes(bytes),
        ),
      )}
      ${barChart(
        `${source}-time`,
        'Time taken',
        bars(lasted, (run) => formatDuration(lasted(run))),
      )}
    </div>
    ${folded(
      ['Run', 'Result', 'Listed', 'Stored', 'Unchanged', 'Skipped', 'Failed', 'Bytes', 'Time'],
      runs
        .toReversed()
        .map((run) => [
          run.run,
          badge(run.result === 'complete' ? 'good' : run.result === 'failed' ? 'bad' : 'warn', run.result),
          ...[
            run.coverage.listed,
            run.coverage.stored,
            run.coverage.unchanged,
            run.coverage.skipped,
            run.coverage.failed,
          ].map((one) => one.toLocaleString('en')),
          formatBytes(run.bytes),
          formatDuration(lasted(run)),
        ]),
      `Runs over ${source}, the newest first`,
    )}`;
}

function objectives({ source, last }: SourceOverview): Html | undefined {
  const { rpo, rto } = last?.objectives ?? {};
  if (!rpo && !rto) return undefined;
  const span = (seconds: number | undefined): string =>
    seconds === undefined ? 'not measured' : formatDuration(seconds * 1000);
  const verdict = (missed: boolean, measured: number | undefined): Html => {
    if (missed) return badge('bad', 'missed');
    return measured === undefined ? badge('warn', 'not measured') : badge('good', 'kept');
  };
  return html`<h3>Objectives</h3>
    ${table(
      ['Objective', 'Demanded', 'Measured by the last run', 'State'],
      [
        ...(rpo
          ? [
              [
                'RPO: age of the newest snapshots',
                span(rpo.objective),
                span(rpo.measured),
                verdict(rpo.missed > 0, rpo.measured),
              ],
            ]
          : []),
        ...(rto
          ? [
              [
                'RTO: time to restore all items',
                span(rto.objective),
                span(rto.measured),
                verdict(rto.missed, rto.measured),
              ],
            ]
          : []),
      ],
      `What is demanded of ${source}`,
    )}
    ${
      rpo && rpo.items.length > 0
        ? folded(
            ['Item', 'Newest snapshot when the last run ended'],
            rpo.items.map(({ address, age }) => [name(address), age === undefined ? 'none' : `${span(age)} ago`]),
            `Items of ${source} that miss the RPO`,
          )
        : undefined
    }`;
}

function drilled({ drill, source }: SourceOverview, now: Date): Html | undefined {
  if (!drill) return undefined;
  const { snapshots, bytes, started, finished, chain, unfinished } = drill;
  const seconds = Math.max(1, (Date.parse(finished) - Date.parse(started)) / 1000);
  return html`<p>
      The last drill ended ${ago(new Date(finished), now)}: ${count(snapshots.intact, 'snapshot')} restored and
      ${snapshots.damaged === 0 ? 'none is damaged' : html`<strong class="bad">${snapshots.damaged} damaged</strong>`}.
      It read ${formatBytes(bytes)} in ${formatDuration(seconds * 1000)}, ${formatBytes(bytes / seconds)} a second: so
      long a restore of all that takes at least.
      ${snapshots.notDrilled === 0 ? undefined : html`${count(snapshots.notDrilled, 'snapshot')} could not be drilled, and are not proven. `}
      ${snapshots.neverChecked === 0 ? undefined : html`${count(snapshots.neverChecked, 'snapshot')} were never checked.`}
      ${unfinished === undefined ? undefined : html`<strong class="bad">It did not come to its end: ${unfinished}</strong>`}
    </p>
    <p>
      ${chain.broken === 0 ? 'The vault agrees with its chain of reports: nothing was changed, removed or added by another way than by runs and retention.' : html`<strong class="bad">${count(chain.broken, 'thing')} in the vault disagree with its chain of reports.</strong>`}
    </p>
    ${folded(
      ['What', 'Where', 'Why'],
      [
        ...chain.problems.map(({ what, key, why }) => [badge('bad', what), name(nameOf(key)), why]),
        ...drill.damaged.map(({ item, snapshot, problems }) => [
          badge('bad', 'damaged'),
          name(`${addressOf(item)} ${snapshot}`),
          problems.join('; '),
        ]),
        ...drill.notDrilled.map(({ item, snapshot, why }) => [
          badge('warn', 'not drilled'),
          name(`${addressOf(item)} ${snapshot}`),
          why,
        ]),
      ],
      `What the last drill of ${source} found`,
    )}`;
}

function notes(warnings: readonly string[]): Html | undefined {
  if (warnings.length === 0) return undefined;
  return html`<h3>Worth a look</h3>
    <ul>
      ${warnings.slice(0, rowsShown).map((one) => html`<li>${one}</li>`)}
    </ul>`;
}

function runTime({ run, started }: RunOverview): string {
  const time = run.replace(/T(\d\d)(\d\d)(\d\d)/, 'T$1:$2:$3');
  return Number.isNaN(Date.parse(time)) ? started : time;
}

function newestOf(items: readonly ItemOverview[]): Date | undefined {
  return items.reduce<Date | undefined>(
    (latest, { newest }) => (latest && latest > newest ? latest : newest),
    undefined,
  );
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function ago(time: Date | undefined, now: Date): string {
  return time ? `${formatAge(now.getTime() - time.getTime())} ago` : 'none';
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
