import * as v from 'valibot';
import { eventsOfVerbs } from '../../scripts/cli/events/all.ts';
import { errorEvents } from '../../scripts/cli/events/failure.ts';

/** What `run` without a source starts. */
const startedByRun = ['backup', 'prune', 'drill'];

/**
 * Fails on a line of `--json` that its schema does not describe.
 * @param verb whose line it is; without it, of whatever verb
 */
export function checkEvent(line: Record<string, unknown>, verb?: string): void {
  const verbs = verb === 'run' ? ['run', ...startedByRun] : [verb];
  const known = eventsOfVerbs.filter((one) => verb === undefined || verbs.includes(one.verb));
  const schemas = [...errorEvents, ...known.flatMap(({ events }) => events)];
  // The error speaks of those that bear the line's name, where there are any.
  const named = schemas.filter((schema) => {
    const { issues } = v.safeParse(schema, { event: line['event'] });
    return issues?.every((issue) => v.getDotPath(issue) !== 'event') ?? true;
  });
  const problems = named.map((schema) => v.safeParse(schema, line).issues?.map(describe).join(', '));
  if (problems.some((problem) => problem === undefined)) return;
  const why = named.length === 0 ? 'no event of this name is documented' : problems.join('; or ');
  throw new Error(
    `${verb ?? 'holdfast'} --json printed what its schema does not describe (${why}): ${JSON.stringify(line)}`,
  );
}

function describe(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? ''}: ${issue.message}`;
}
