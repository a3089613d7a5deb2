#!/usr/bin/env bash
# Turns the text of a plan (terraform show, from standard input) into Markdown that fits into a comment.
set -euo pipefail

# A comment has at most 65,536 characters; the rest is for the words around the plan.
limit=60000

text=$(cat)
# Terraform's own sum stands on its own line.
sum=$(grep -E '^(Plan: |No changes\.)' <<< "$text" | tail -n 1 || true)

echo "**${sum:-Only outputs change.}**"
echo
echo '<details><summary>The whole plan</summary>'
echo
echo '```text'
# Whole lines only, counted in bytes, and none that would end the block.
sed "s/\`\`\`/'''/g" <<< "$text" | LC_ALL=C awk -v limit="$limit" '
  { size += length($0) + 1 }
  size <= limit { print }
  size > limit && !cut { print "… the rest is in the log."; cut = 1 }'
echo '```'
echo
echo '</details>'
