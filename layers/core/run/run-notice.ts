import type { Notice } from '#core/notifications/notice.ts';
import { severityOf, type ItemChanges } from './changes-since.ts';
import { messageAbout } from './message.ts';
import type { Report } from './report.ts';

/** As many items as a program is told of at once; the report has them all. */
const mostListed = 100;

/** What the webhooks are told of a run: as the mail, with its link apart and the figures for programs. */
export function runNotice(
  report: Report,
  vault: string,
  key: string,
  about: { root: string; page?: string | undefined; changes?: ItemChanges | undefined },
): Notice {
  const { page, ...rest } = about;
  const { subject, text } = messageAbout(report, vault, key, rest);
  return {
    kind: 'run',
    id: report.run,
    source: report.source,
    severity: severityOf(report),
    subject,
    text,
    page,
    details: {
      result: report.result,
      started: report.started,
      finished: report.finished,
      coverage: report.coverage,
      bytes: report.bytes,
      report: `${vault.replace(/\/$/, '')}/${key}`,
      root: about.root,
      ...(report.objectives ? { objectives: report.objectives } : {}),
      ...(report.error ? { error: report.error } : {}),
      failed: report.items
        .flatMap((one) =>
          one.outcome === 'failed' ? [{ name: one.item.name, code: one.code, message: one.message }] : [],
        )
        .slice(0, mostListed),
      ...(about.changes ? { changes: limited(about.changes) } : {}),
    },
  };
}

function limited({ run, failing, recovered, appeared, gone }: ItemChanges): ItemChanges {
  const first = (all: string[]): string[] => all.slice(0, mostListed);
  return { run, failing: first(failing), recovered: first(recovered), appeared: first(appeared), gone: first(gone) };
}
