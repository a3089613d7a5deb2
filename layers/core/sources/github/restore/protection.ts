import * as v from 'valibot';
import { stored, type StoredRecord } from './stored.ts';

const enabled = v.optional(
  v.pipe(
    v.object({ enabled: v.optional(v.boolean(), false) }),
    v.transform((one) => one.enabled),
  ),
  { enabled: false },
);

const protection = v.object({
  required_status_checks: v.nullish(
    v.object({
      strict: v.optional(v.boolean(), false),
      contexts: v.optional(v.array(v.string()), []),
      checks: v.optional(v.array(v.object({ context: v.string() }))),
    }),
  ),
  required_pull_request_reviews: v.nullish(
    v.object({
      dismiss_stale_reviews: v.optional(v.boolean(), false),
      require_code_owner_reviews: v.optional(v.boolean(), false),
      required_approving_review_count: v.optional(v.number(), 0),
      require_last_push_approval: v.optional(v.boolean(), false),
    }),
  ),
  enforce_admins: enabled,
  required_linear_history: enabled,
  allow_force_pushes: enabled,
  allow_deletions: enabled,
  block_creations: enabled,
  required_conversation_resolution: enabled,
  lock_branch: enabled,
  allow_fork_syncing: enabled,
});

/**
 * What protects a branch, as it is set; GitHub gives it in another form than it takes it. Who may push or dismiss reviews is
 * left out: people and teams get their rights by hand.
 * https://docs.github.com/en/rest/branches/branch-protection#update-branch-protection
 */
export function protectionOf(line: StoredRecord): object {
  const {
    required_status_checks: checks,
    required_pull_request_reviews: reviews,
    ...switches
  } = stored(protection, line);
  return {
    ...switches,
    required_status_checks: checks
      ? {
          strict: checks.strict,
          checks: (checks.checks ?? checks.contexts.map((context) => ({ context }))).map(({ context }) => ({
            context,
          })),
        }
      : null,
    required_pull_request_reviews: reviews ?? null,
    restrictions: null,
  };
}
