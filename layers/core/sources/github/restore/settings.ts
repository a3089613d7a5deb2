import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Difference } from './compare.ts';
import type { RestoredRecords } from './issues.ts';
import { protectionOf } from './protection.ts';
import { stored, type StoredDataset, type StoredRecord } from './stored.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';

const flag = v.optional(v.boolean());
const text = v.nullish(v.string());

/** What of a repository can be set as it was. https://docs.github.com/en/rest/repos/repos#update-a-repository */
const settable = v.object({
  description: text,
  homepage: text,
  has_issues: flag,
  has_projects: flag,
  has_wiki: flag,
  has_discussions: flag,
  is_template: flag,
  allow_squash_merge: flag,
  allow_merge_commit: flag,
  allow_rebase_merge: flag,
  allow_auto_merge: flag,
  allow_update_branch: flag,
  delete_branch_on_merge: flag,
  web_commit_signoff_required: flag,
});

const topics = v.object({ names: v.array(v.string()) });

const ruleset = v.object({
  name: v.string(),
  target: v.optional(v.string(), 'branch'),
  source_type: v.optional(v.string(), 'Repository'),
  enforcement: v.string(),
  conditions: v.optional(v.unknown()),
  rules: v.optional(v.array(v.unknown()), []),
});

const webhook = v.object({
  events: v.optional(v.array(v.string()), ['push']),
  config: v.object({
    url: v.string(),
    content_type: v.optional(v.string(), 'form'),
    insecure_ssl: v.optional(v.union([v.string(), v.number()]), '0'),
  }),
});

const autolink = v.object({
  key_prefix: v.string(),
  url_template: v.string(),
  is_alphanumeric: v.optional(v.boolean(), true),
});

const variable = v.object({ name: v.string(), value: v.string() });

export interface SettingsRestore {
  target: RestoreTarget;
  dataset: StoredDataset;
  signal?: AbortSignal | undefined;
  onMade?: (() => void) | undefined;
}

/** Types of records that are settings and come back. */
export const restoredSettings = [
  'repository',
  'topics',
  'ruleset',
  'branch-protection',
  'webhook',
  'autolink',
  'variable',
];

/**
 * Sets a repository as it was: description, topics, switches, variables, autolinks, webhooks that are switched off, and last
 * what protects branches. What gives people access is not restored. A part that GitHub refuses costs no other.
 */
export async function restoreSettings(request: SettingsRestore): Promise<RestoredRecords> {
  const { target, dataset } = request;
  const result: RestoredRecords = { refused: [], compared: 0, different: [], notes: [] };
  const all: StoredRecord[] = [];
  for await (const line of dataset.records()) if (line.deleted === undefined) all.push(line);
  for (const type of restoredSettings)
    for (const line of all.filter((one) => one.type === type)) {
      throwIfInterrupted(request.signal);
      result.compared++;
      try {
        const different = await restoreOne(target, line);
        if (different !== undefined) result.different.push({ key: line.key, what: different });
        request.onMade?.();
      } catch (error) {
        // A plan that lacks the feature, a branch that is not there, a right that the token lacks.
        if (!hasCode(error, 'RemoteRefused', 'AccessDenied', 'SourceMissing', 'AlreadyExists')) throw error;
        result.refused.push({ of: line.key, why: messageOf(error) });
      }
    }
  const repository = all.find(({ type }) => type === 'repository');
  if (repository && stored(v.object({ archived: flag }), repository).archived === true)
    result.notes.push('it was archived: archive it again by hand once you have looked at it');
  return result;
}

/** @returns what differs afterwards */
async function restoreOne(target: RestoreTarget, line: StoredRecord): Promise<string | undefined> {
  const path = pathOf(target);
  const what = `the ${line.type} of ${nameOf(target)}`;
  const { writer } = target;
  switch (line.type) {
    case 'repository': {
      const wanted = Object.fromEntries(
        Object.entries(stored(settable, line)).map(([name, value]) => [name, value ?? '']),
      );
      await writer.change('PATCH', path, what, v.unknown(), wanted);
      const { data } = await writer.read(path, what, settable);
      const now: Readonly<Record<string, unknown>> = data;
      return names(Object.keys(wanted).filter((name) => (now[name] ?? '') !== wanted[name]));
    }
    case 'topics': {
      const wanted = stored(topics, line);
      await writer.change('PUT', `${path}/topics`, what, v.unknown(), wanted);
      const { data } = await writer.read(`${path}/topics`, what, topics);
      return isDeepStrictEqual(data.names.toSorted(), wanted.names.toSorted()) ? undefined : 'names';
    }
    case 'ruleset': {
      const { source_type: source, ...wanted } = stored(ruleset, line);
      if (source !== 'Repository') return undefined;
      // Who may bypass it is named by numbers that mean others elsewhere.
      return makeUnlessThere(target, '/rulesets', what, { ...wanted, bypass_actors: [] }, (there) =>
        v.is(v.object({ name: v.literal(wanted.name) }), there),
      );
    }
    case 'branch-protection': {
      const branch = line.key.slice('branch-protection/'.length);
      await writer.change('PUT', `${path}/branches/${branch}/protection`, what, v.unknown(), protectionOf(line));
      return undefined;
    }
    case 'webhook': {
      const { events, config } = stored(webhook, line);
      const { url, content_type, insecure_ssl } = config;
      const wanted = {
        name: 'web',
        active: false,
        events,
        config: { url, content_type, insecure_ssl: String(insecure_ssl) },
      };
      return makeUnlessThere(target, '/hooks', what, wanted, (there) =>
        v.is(v.object({ config: v.object({ url: v.literal(url) }) }), there),
      );
    }
    case 'autolink': {
      const wanted = stored(autolink, line);
      return makeUnlessThere(target, '/autolinks', what, wanted, (there) =>
        v.is(v.object({ key_prefix: v.literal(wanted.key_prefix) }), there),
      );
    }
    default: {
      const wanted = stored(variable, line);
      const { data } = await writer.read(
        `${path}/actions/variables?per_page=30`,
        what,
        v.object({ variables: v.array(variable) }),
      );
      const there = data.variables.find(({ name }) => name.toUpperCase() === wanted.name.toUpperCase());
      if (there) return there.value === wanted.value ? undefined : 'value: it was there and was left';
      await writer.create(`${path}/actions/variables`, what, v.unknown(), wanted, () => Promise.resolve(undefined));
      return undefined;
    }
  }
}

async function makeUnlessThere(
  target: RestoreTarget,
  list: string,
  what: string,
  wanted: object,
  isSame: (there: unknown) => boolean,
): Promise<undefined> {
  const path = `${pathOf(target)}${list}`;
  const find = async (): Promise<unknown> => {
    for await (const one of target.writer.list(path, what, v.unknown())) if (isSame(one)) return one;
    return undefined;
  };
  if ((await find()) === undefined) await target.writer.create(path, what, v.unknown(), wanted, find);
}

function names(different: readonly string[]): Difference['what'] | undefined {
  return different.length === 0 ? undefined : different.join(', ');
}
