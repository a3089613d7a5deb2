#!/usr/bin/env bash
# Shows a plan in a comment of the pull request: one comment, brought up to date by each further plan.
#
# Reads REPOSITORY, PULL_REQUEST, COMMIT, RUN_URL and RESULT (success or another), and the file that is named.
set -euo pipefail

marker='<!-- holdfast: plan -->'
body=$(mktemp)
{
  echo "$marker"
  if [ "$RESULT" = success ]; then
    echo "### Plan for ${COMMIT:0:7}"
    echo
    cat "$1"
    echo
    echo "[The run]($RUN_URL). Nothing has changed yet: that is done after the merge."
  else
    echo "### No plan for ${COMMIT:0:7}"
    echo
    echo "Planning failed, and [the run]($RUN_URL) says why."
  fi
} > "$body"

# Only our own comment is replaced, even if another author wrote the same marker.
mine=$(gh api --paginate "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" \
  --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$marker\"))) | .id")
if [ -n "$mine" ]; then
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/${mine%%$'\n'*}" --field "body=@$body"
else
  gh api --silent --method POST "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$body"
fi
