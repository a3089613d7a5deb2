# What each role may do in the vault, written once for all sources. Creates nothing.
#
# Where in the bucket the vault begins is a setting in the source's secret, which changes with no deployment; so
# each of these places is granted at the top of the bucket and below any prefix.
locals {
  snapshots = ["${var.vault.arn}/${var.source_name}/*", "${var.vault.arn}/*/${var.source_name}/*"]
  manifests = ["${var.vault.arn}/${var.source_name}/*/manifest.json", "${var.vault.arn}/*/${var.source_name}/*/manifest.json"]
  index     = ["${var.vault.arn}/index/${var.source_name}/*", "${var.vault.arn}/*/index/${var.source_name}/*"]
  runs      = ["${var.vault.arn}/runs/${var.source_name}/*", "${var.vault.arn}/*/runs/${var.source_name}/*"]
  keys      = var.vault.encryption_key == null ? [] : [var.vault.encryption_key.arn]
}
