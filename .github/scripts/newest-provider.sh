#!/usr/bin/env bash
# Validates and tests the Terraform configurations with the newest provider for AWS there is, also of a major version that
# they do not take yet: in a copy, in which the limit is lifted. What fails here would fail everybody who deploys, as soon
# as the limit in terraform/versions.tf is raised.
set -euo pipefail

copy=$(mktemp -d)
cp -R "$(dirname "$0")/../../terraform" "$copy"
cd "$copy/terraform"
find . -name .terraform -prune -exec rm -rf {} +
find . -name .terraform.lock.hcl -delete
# Of a copy nothing is applied.
find . -name versions.tf -exec sed -i.before -E 's/version = "(~>|>=) *5\.100[^"]*"/version = ">= 5.100"/' {} +
if ! grep -q 'version = ">= 5.100"' versions.tf; then
  echo "::error::The limit of the provider in terraform/versions.tf is not written as this script knows it."
  exit 1
fi

failed=()
for folder in . bootstrap modules/*/ examples/*/; do
  echo "::group::$folder"
  if ! (
    terraform -chdir="$folder" init -backend=false -input=false -no-color -upgrade \
      && terraform -chdir="$folder" validate -no-color \
      && terraform -chdir="$folder" test -no-color
  ); then failed+=("$folder"); fi
  echo '::endgroup::'
done
terraform -chdir=. version | tee -a "$GITHUB_STEP_SUMMARY"

if [ ${#failed[@]} -gt 0 ]; then
  printf '::error title=The newest provider::Fails with it: %s\n' "${failed[@]}"
  exit 1
fi
