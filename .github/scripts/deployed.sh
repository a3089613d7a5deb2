#!/usr/bin/env bash
# Says what is deployed, in the log and in the job's summary: where the vault is, when the next run is, what to type.
# Reads what `terraform output -json` prints from standard input. A source is whatever output has a next run, so that one
# that is added is shown as well, be it by itself or, as Git hosts are, among several in one output.
set -euo pipefail

names=$(dirname "${BASH_SOURCE[0]}")/../../terraform/sources.json

jq --raw-output --slurpfile known "$names" '
  def code: "`\(.)`";
  def title: $known[0].names[.] // .;
  def has_run: type == "object" and has("next_run");
  .vault.value as $vault
  | [to_entries[] | { key, value: .value.value }
      | if .value | has_run then . elif .value | type == "object" then .value | to_entries[] else empty end
      | select(.value | has_run)] as $sources
  | "## Deployed",
    "",
    "- The vault: [\(.vault.value.location)](\(.vault.value.console))",
    if $sources == [] then
      "- Nothing is backed up yet: no source is set, such as `github = {}` in the variable HOLDFAST_TFVARS."
    else
      ($sources[] | "- \(.key | title): the next run is \(.value.next_run)" + (.value.console | if . == null then "" else "; [runs](\(.))" end)),
      "- Figures: [the dashboard](\(.dashboard.value))"
    end,
    ($vault.locations // {} | to_entries[] | select(.value != null)
      | "- Snapshots of \(.key | title): \("holdfast list \(.key) --vault \(.value)" | code)"),
    ($sources[] | select(.value.secret != null)
      | "- Settings of \(.key | title): the secret \(.value.secret | code), whose BACKUP_S3_BUCKET must be \($vault.bucket | code)"),
    "- Notifications: \(.notifications.value | code)",
    ($sources[]
      | "", "### \(.key | title)", "", "```sh", (.value.commands | to_entries[] | "# \(.key | gsub("_"; " "))", .value), "```")
  ' | tee -a "$GITHUB_STEP_SUMMARY"
