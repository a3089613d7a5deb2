#!/bin/sh
# Restores a snapshot as docs/vault-format.md says, "Restoring by hand", with sha256sum, git and the shell's own tools:
#   restore-by-hand.sh <vault folder> <item>/<snapshot> <target>
set -eu
vault=$1 snapshot=$2 target=$3
manifest=$vault/$snapshot/manifest.json

# 1. The manifest is what was stored, and so is that of another snapshot which it names with its digest.
proven() {
  stored=$(head -n -2 "$1" | sha256sum | cut -d ' ' -f 1)
  digest=$(tail -n 2 "$1" | sed -n 's/^  "digest": "\([0-9a-f]*\)"$/\1/p')
  [ "$stored" = "$digest" ] || { echo "the manifest is damaged" >&2; exit 1; }
  [ "$digest" = "${2-$digest}" ] || { echo "the manifest of another snapshot stands there" >&2; exit 1; }
}
proven "$manifest"
# The line of a short manifest that names the snapshot to which it is equal.
of_parent() { sed -n "s/^  \"parent\": {.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$manifest"; }
if [ -n "$(of_parent item)" ]; then
  equal=$vault/$(of_parent item)$(of_parent snapshot)/manifest.json
  proven "$equal" "$(of_parent digest)"
  manifest=$equal
fi

# 2. What "chain" and then "data" name, each with its SHA-256: one property a line, two spaces for each level.
list() { sed -n "/^  \"$1\": \[\$/,/^  \]/p" "$manifest" | sed -n "s/^      \"$2\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
value() { sed -n "s/^    *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$manifest" | head -n 1; }
{ list chain key; list data key; } > "$target.keys"
{ list chain sha256; list data sha256; } > "$target.digests"
paste -d ' ' "$target.digests" "$target.keys" | while read -r sha256 key; do
  echo "$sha256  $vault/$key"
done > "$target.sums"
[ ! -s "$target.sums" ] || sha256sum --check --strict --quiet "$target.sums" >&2

# 3. Take the objects of the bundles in that order, and then the refs of the last one.
git init --quiet --bare --object-format="$(value objectFormat)" "$target"
while read -r key; do
  git -C "$target" bundle unbundle "$vault/$key" > /dev/null
  last=$vault/$key
done < "$target.keys"
take_refs() { git -C "$target" fetch --quiet --no-write-fetch-head "$@" '+refs/*:refs/*'; }
since() { sed -n '/^    "refsSince": {$/,/^    }/p' "$manifest"; }
of_base() { since | sed -n '/^      "base": {$/,/^      }/p' | sed -n "s/^        \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
if [ -n "$(of_base snapshot)" ]; then
  # The last bundle lists what has changed since that of the snapshot "base".
  proven "$vault/$(of_base item)$(of_base snapshot)/manifest.json" "$(of_base digest)"
  take_refs --prune "$vault/$(grep "/$(of_base snapshot)/" "$target.keys")"
  since | sed -n '/^      "gone": \[$/,/^      \]/p' | sed -n 's/^        "\(.*\)",\{0,1\}$/\1/p' | while read -r ref; do
    git -C "$target" update-ref -d "$ref"
  done
  take_refs "$last"
else
  [ -z "${last-}" ] || take_refs --prune "$last"
fi

# 4. HEAD, as "git.head" has it.
of_head() { sed -n '/^    "head": {$/,/^    }/p' "$manifest" | sed -n "s/^      \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
case $(of_head type) in
  branch | unborn) git -C "$target" symbolic-ref HEAD "$(of_head ref)" ;;
  detached) git -C "$target" update-ref --no-deref HEAD "$(of_head oid)" ;;
esac
git -C "$target" fsck --strict
