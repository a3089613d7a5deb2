/**
 * `RESTORE.md`, which stands in every vault and, put there by Terraform, beside the program in a deployment's bucket: for
 * people who find the data and nothing else. docs/vault-format.md says more.
 */
export const restoreGuide = `# Restoring from a vault

Holdfast keeps backups of Git repositories and packages in a vault: a folder, or a prefix of a bucket, that holds
\`holdfast-vault.json\`. Nothing in it needs Holdfast to be read. Each snapshot is a folder
\`<source>/<path of the item>/<time>/\` with a \`manifest.json\`, which names its data and their digests.

## With Holdfast

    holdfast list --vault <vault>
    holdfast show <item> --vault <vault>
    holdfast restore <item> --to <folder, or URL of an empty Git repository> --vault <vault>

The program is one file, \`holdfast.mjs\`, that runs with Node.js alone. It is attached to each release, and the bucket
\`…-artifacts-…\` of a deployment holds it as \`command-line-….zip\`.

## Without Holdfast

Needed are \`sha256sum\`, \`git\`, and for a bucket \`aws\`.

    vault=s3://my-bucket/my-prefix                # a folder does as well: then cp in place of aws s3 cp
    item=github/acme/website
    aws s3 ls "$vault/$item/"                     # the snapshots
    snapshot=2026-11-01T010100.000Z
    aws s3 cp "$vault/$item/$snapshot/manifest.json" .

    # 1. The manifest is what was stored: these two must be equal.
    head -n -2 manifest.json | sha256sum
    tail -n 2 manifest.json
    # Where "format" is 2 and "kind" "unchanged", go on with the manifest that "parent" names; its digest is there, too.

    # 2. Fetch what "chain" and then "data" name, in that order, and compare each with its "sha256".
    aws s3 cp "$vault/<key>" 1.bundle && sha256sum 1.bundle

    # 3. Take the objects of the bundles in that order, and then the refs of the last one.
    git init --bare restored.git                  # --object-format=sha256 where the manifest says so
    git -C restored.git bundle unbundle "$PWD/1.bundle"
    git -C restored.git bundle unbundle "$PWD/2.bundle"
    git -C restored.git fetch --prune --no-write-fetch-head "$PWD/2.bundle" '+refs/*:refs/*'

    # Where "git" has "refsSince", the last bundle lists only what has changed. Then these in place of the last line:
    # the refs of the bundle in "chain" whose key has the snapshot "base", without those that "gone" names, then of the last.
    git -C restored.git fetch --prune --no-write-fetch-head "$PWD/1.bundle" '+refs/*:refs/*'
    git -C restored.git update-ref -d refs/heads/<gone>
    git -C restored.git fetch --no-write-fetch-head "$PWD/2.bundle" '+refs/*:refs/*'

    # 4. HEAD, as "git.head" has it: the first for a branch (or "unborn"), the second for "detached".
    git -C restored.git symbolic-ref HEAD refs/heads/main
    git -C restored.git update-ref --no-deref HEAD <oid>
    git -C restored.git fsck

Where "chain" is empty, a single \`git clone 1.bundle website\` is all that it takes. Files of packages are stored as the
registry had them: fetch what "chain" and "data" name, compare the digests, and rename each to its "name".

Names are escaped in keys: \`=x\` is the capital X, \`=nnn\` the byte with the decimal value nnn. The manifest has them as
they are.
`;
