#!/usr/bin/env bash
# Finds out whether this repository is set up to deploy and fills in what follows from the rest: terraform/bootstrap
# calls everything by the deployment's name. Says what is missing where it is half set up. A repository where nothing
# is set is left alone: a fork that only runs the tests, say.
#
# Reads NAME, ACCOUNT, REGION, STATE_BUCKET, PLAN_ROLE, APPLY_ROLE and BOUNDARY, any of which may be empty, and of the
# access key only whether KEY_ID and KEY are set ("true"). Writes the settings to GITHUB_OUTPUT.
set -euo pipefail

help="[how to set it up]($GITHUB_SERVER_URL/$GITHUB_REPOSITORY/blob/HEAD/docs/deploy.md#from-a-fork-by-github-actions)"

if [ -z "$ACCOUNT$REGION$STATE_BUCKET$PLAN_ROLE$APPLY_ROLE" ]; then
  echo 'ready=false' >> "$GITHUB_OUTPUT"
  echo "Nothing is deployed from this repository, since it is not set up for that: $help" >> "$GITHUB_STEP_SUMMARY"
  exit 0
fi

name=${NAME:-holdfast}
case $REGION in
  cn-*) partition=aws-cn audience=sts.amazonaws.com.cn ;;
  us-gov-*) partition=aws-us-gov audience=sts.amazonaws.com ;;
  *) partition=aws audience=sts.amazonaws.com ;;
esac

# Roles first. A key is used where there is one and no role was named.
access=role
if [ "$KEY_ID$KEY" != falsefalse ] && [ -z "$PLAN_ROLE$APPLY_ROLE" ]; then access=keys; fi

missing=()
[ -n "$REGION" ] || missing+=('the variable HOLDFAST_REGION: the region to deploy to, such as eu-central-1')
if [ "$access" = keys ] && [ "$KEY_ID$KEY" != truetrue ]; then
  missing+=('the secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, both of them, or neither to use roles')
fi
if [ -z "$ACCOUNT" ]; then
  # Only needed for what is not given outright.
  if [ -z "$STATE_BUCKET" ] || { [ "$access" = role ] && { [ -z "$PLAN_ROLE" ] || [ -z "$APPLY_ROLE" ]; }; }; then
    missing+=('the variable HOLDFAST_ACCOUNT_ID: the 12 digits of the AWS account to deploy to')
  fi
elif ! [[ $ACCOUNT =~ ^[0-9]{12}$ ]]; then
  missing+=('the variable HOLDFAST_ACCOUNT_ID to the 12 digits of an AWS account: it has something else now')
fi

if [ ${#missing[@]} -gt 0 ]; then
  {
    echo 'This repository is only half set up to deploy. Under Settings, Secrets and variables, Actions, set:'
    echo
    printf -- '- %s\n' "${missing[@]}"
    echo
    echo "In full: $help"
  } | tee -a "$GITHUB_STEP_SUMMARY"
  for what in "${missing[@]}"; do echo "::error title=Half set up to deploy::Set $what"; done
  exit 1
fi

if [ "$access" = role ]; then
  PLAN_ROLE=${PLAN_ROLE:-arn:$partition:iam::$ACCOUNT:role/$name-deploy-plan}
  APPLY_ROLE=${APPLY_ROLE:-arn:$partition:iam::$ACCOUNT:role/$name-deploy-apply}
  # The roles of terraform/bootstrap demand its boundary; others may not know it.
  if [ -z "$BOUNDARY" ] && [ "$APPLY_ROLE" = "arn:$partition:iam::$ACCOUNT:role/$name-deploy-apply" ]; then
    BOUNDARY=arn:$partition:iam::$ACCOUNT:policy/$name-boundary
  fi
fi

{
  echo 'ready=true'
  echo "access=$access"
  echo "name=$name"
  echo "region=$REGION"
  echo "audience=$audience"
  echo "plan_role=$PLAN_ROLE"
  echo "apply_role=$APPLY_ROLE"
  echo "boundary=$BOUNDARY"
  echo "state_bucket=${STATE_BUCKET:-$name-state-$ACCOUNT-$REGION}"
} >> "$GITHUB_OUTPUT"
