# The file system that takes the snapshots, unless one is given.
locals {
  created  = var.file_system.vault.file_system_id == null
  vault_id = local.created ? aws_efs_file_system.vault[0].id : var.file_system.vault.file_system_id
}

resource "aws_efs_file_system" "vault" {
  count                           = local.created ? 1 : 0
  creation_token                  = var.name
  encrypted                       = true
  kms_key_id                      = var.file_system.vault.key_arn
  performance_mode                = var.file_system.vault.performance_mode
  throughput_mode                 = var.file_system.vault.throughput_mode
  provisioned_throughput_in_mibps = var.file_system.vault.throughput_mibps

  dynamic "lifecycle_policy" {
    for_each = var.file_system.vault.archive_days == 0 ? [] : [var.file_system.vault.archive_days]

    content {
      transition_to_ia = lifecycle_policy.value == 1 ? "AFTER_1_DAY" : "AFTER_${lifecycle_policy.value}_DAYS"
    }
  }

  tags = { Name = "${var.name}-vault" }

  # It holds the snapshots. EFS itself deletes a file system with all that is in it.
  lifecycle {
    prevent_destroy = true
  }
}

# AWS Backup would copy the copies.
resource "aws_efs_backup_policy" "vault" {
  count          = local.created ? 1 : 0
  file_system_id = aws_efs_file_system.vault[0].id

  backup_policy {
    status = "DISABLED"
  }
}

resource "aws_efs_mount_target" "vault" {
  count           = local.created ? length(var.network.subnet_ids) : 0
  file_system_id  = aws_efs_file_system.vault[0].id
  subnet_id       = var.network.subnet_ids[count.index]
  security_groups = [aws_security_group.vault[0].id]
}

# Without a policy, any client that reaches a mount target may do everything. With this one, only those that IAM allows, over TLS.
# https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
resource "aws_efs_file_system_policy" "vault" {
  count          = local.created ? 1 : 0
  file_system_id = aws_efs_file_system.vault[0].id
  policy         = data.aws_iam_policy_document.vault[0].json
}

data "aws_iam_policy_document" "vault" {
  count = local.created ? 1 : 0

  # The instances of this file system write snapshots, with the owners that they have in the source.
  statement {
    sid       = "Snapshots"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"]
    resources = [aws_efs_file_system.vault[0].arn]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.instance.arn]
    }
    condition {
      test     = "Bool"
      variable = "elasticfilesystem:AccessedViaMountTarget"
      values   = ["true"]
    }
  }

  # Nothing travels in plain text.
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["*"]
    resources = [aws_efs_file_system.vault[0].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
