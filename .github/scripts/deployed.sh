#!/usr/bin/env bash
# Says what is deployed, in the log and in the job's summary: where the vault is, when the next run is, what to type.
# Reads what `terraform output -json` prints from standard input.
set -euo pipefail

jq --raw-output '
  def code: "`\(.)`";
  (.github.value? // null) as $github
  | "## Deployed",
    "",
    "- The vault: [\(.vault.value.location)](\(.vault.value.console))",
    if $github == null then
      "- Nothing is backed up yet: no source is set, such as `github = {}` in the variable HOLDFAST_TFVARS."
    else
      "- The next run: \($github.next_run)",
      "- Runs: [the state machine](\($github.console)), [the dashboard](\(.dashboard.value))",
      "- Settings: the secret \($github.secret | code), whose BACKUP_S3_BUCKET must be \(.vault.value.bucket | code)"
    end,
    "- Notifications: \(.notifications.value | code)",
    if $github == null then empty else
      "", "```sh", ($github.commands | to_entries[] | "# \(.key | gsub("_"; " "))", .value), "```"
    end' | tee -a "$GITHUB_STEP_SUMMARY"
