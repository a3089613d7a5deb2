#!/usr/bin/env bash
# Plans in the folder terraform: leaves the saved plan in holdfast.tfplan and its description in plan.md.
#
# Reads NAME, REGION, STATE_BUCKET and BOUNDARY (may be empty), and TFVARS: the content of terraform.tfvars.
set -euo pipefail
cd "$(dirname "$0")/../../terraform"

# What is set here counts less than the same in TFVARS.
export TF_VAR_name=$NAME
export TF_VAR_github='{}'
if [ -n "$BOUNDARY" ]; then export TF_VAR_permissions_boundary=$BOUNDARY; fi
printf '%s\n' "$TFVARS" > terraform.tfvars

terraform init -no-color \
  -backend-config="bucket=$STATE_BUCKET" -backend-config="key=$NAME/terraform.tfstate" \
  -backend-config="region=$REGION" -backend-config='encrypt=true' -backend-config='use_lockfile=true'
terraform plan -no-color -lock-timeout=10m -out=holdfast.tfplan
terraform show -no-color holdfast.tfplan | ../.github/scripts/describe-plan.sh > plan.md
cat plan.md >> "$GITHUB_STEP_SUMMARY"
