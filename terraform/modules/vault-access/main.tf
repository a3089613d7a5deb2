# What each role may do in the vault, written once for all sources. Creates nothing. Each place is exact: what lies below
# another prefix, or belongs to another source, is out of reach.
locals {
  root      = var.prefix == "" ? var.vault.arn : "${var.vault.arn}/${var.prefix}"
  snapshots = "${local.root}/${var.source_name}/*"
  manifests = "${local.root}/${var.source_name}/*/manifest.json"
  index     = "${local.root}/index/${var.source_name}/*"
  runs      = "${local.root}/runs/${var.source_name}"
  signs     = ["${local.root}/holdfast-vault.json", "${local.root}/RESTORE.md"]
  keys      = var.vault.encryption_key == null ? [] : [var.vault.encryption_key.arn]

  # docs/vault-format.md says what these are.
  checks   = "${local.root}/checks/${var.source_name}/*"
  removing = "${local.root}/removing/${var.source_name}/*"
  removed  = "${local.root}/removed/${var.source_name}/*"
  drills   = "${local.root}/drills/${var.source_name}/*"

  # Those of now and those that older versions have left. The id of a snapshot ends with the only Z that a key can have.
  verdicts = ["${local.root}/checks/*", "${local.snapshots}Z/check-*"]
}
