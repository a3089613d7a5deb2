#!/usr/bin/env bash
# Says what is deployed, in the log and in the job's summary: where the vault is, when the next run is, what to type.
# Reads what `terraform output -json` prints from standard input.
set -euo pipefail

jq --raw-output '
  def code: "`\(.)`";
  ({ GitHub: .github.value?, CodeCommit: .codecommit.value? } | with_entries(select(.value != null))) as $sources
  | "## Deployed",
    "",
    "- The vault: [\(.vault.value.location)](\(.vault.value.console))",
    if $sources == {} then
      "- Nothing is backed up yet: no source is set, such as `github = {}` in the variable HOLDFAST_TFVARS."
    else
      ($sources | to_entries[] | "- \(.key): the next run is \(.value.next_run); [runs](\(.value.console))"),
      "- Figures: [the dashboard](\(.dashboard.value))"
    end,
    if $sources.GitHub == null then empty else
      "- Settings of GitHub: the secret \($sources.GitHub.secret | code), whose BACKUP_S3_BUCKET must be \(.vault.value.bucket | code)"
    end,
    "- Notifications: \(.notifications.value | code)",
    ($sources | to_entries[]
      | "", "### \(.key)", "", "```sh", (.value.commands | to_entries[] | "# \(.key | gsub("_"; " "))", .value), "```")
  ' | tee -a "$GITHUB_STEP_SUMMARY"
