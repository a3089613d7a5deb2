# What keeps the vault from a thief of the role that applies. In one account a resource's own policy is enough to
# grant, and a lifecycle rule needs no grant at all: who may change either can remove everything. So the role may do so
# only for a day from when an administrator has said so, and what no deployment ever needs is denied whatever a policy of
# the resource says.
locals {
  # How a bucket protects what is in it.
  protection = [
    "s3:PutBucketVersioning", "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
  ]
  vault_protection = concat(local.protection, ["s3:PutBucketObjectLockConfiguration", "s3:PutReplicationConfiguration"])

  # Buckets whose objects cannot be made again: the vault, and the results of tasks over EFS.
  kept = concat(local.arns.buckets, [local.efs_arns.logs])

  # It ends by itself, since it would be forgotten.
  vault_changes_until = var.vault_changes ? timeadd(plantimestamp(), "24h") : null
}

data "aws_iam_policy_document" "vault" {
  dynamic "statement" {
    for_each = local.vault_changes_until[*]

    # Sets up the vault's bucket, and changes how it is protected.
    content {
      sid       = "ChangeVault"
      actions   = local.vault_protection
      resources = local.kept

      condition {
        test     = "DateLessThan"
        variable = "aws:CurrentTime"
        values   = [statement.value]
      }
    }
  }

  dynamic "statement" {
    for_each = local.vault_changes_until[*]

    # Creates keys, and only such as are tagged as this deployment's. A key that is not there yet has no ARN, so this
    # lets any key of the account be tagged: another reason for it to end.
    content {
      sid       = "CreateKeys"
      actions   = ["kms:CreateKey", "kms:TagResource"]
      resources = ["*"]

      condition {
        test     = "DateLessThan"
        variable = "aws:CurrentTime"
        values   = [statement.value]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/holdfast"
        values   = [var.name]
      }
    }
  }

  dynamic "statement" {
    for_each = local.vault_changes_until[*]

    # Says who may use its keys.
    content {
      sid       = "ChangeKeys"
      actions   = ["kms:PutKeyPolicy"]
      resources = [local.arns.keys]

      condition {
        test     = "DateLessThan"
        variable = "aws:CurrentTime"
        values   = [statement.value]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/holdfast"
        values   = [var.name]
      }
    }
  }

  # At all other times it changes nothing of that.
  statement {
    sid       = "NotHowItIsProtected"
    effect    = "Deny"
    actions   = concat(local.vault_protection, ["kms:PutKeyPolicy"])
    resources = concat(local.kept, [local.arns.keys])

    dynamic "condition" {
      for_each = local.vault_changes_until[*]

      content {
        test     = "DateGreaterThanEquals"
        variable = "aws:CurrentTime"
        values   = [condition.value]
      }
    }
  }

  # Never the buckets and what is in them: objects are for functions, and for people who restore.
  statement {
    sid       = "NotWhatIsKept"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket", "s3:*Object", "s3:*ObjectVersion*", "s3:PutObject*", "s3:BypassGovernanceRetention", "s3:ReplicateDelete"]
    resources = flatten([for bucket in local.kept : [bucket, "${bucket}/*"]])
  }

  # Never a key of whomever, without which nothing can be read that it has encrypted.
  statement {
    sid       = "NotKeys"
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation", "kms:DeleteImportedKeyMaterial", "kms:RevokeGrant"]
    resources = ["*"]
  }

  # Never what the vault's key has encrypted, be it by a grant: EFS alone uses a key in the name of the role that deploys. Keys of
  # AWS's own are left out, by which services work that deployments use.
  dynamic "statement" {
    for_each = merge({ Own = [local.arns.keys] }, length(var.granted.keys) == 0 ? {} : { Given = var.granted.keys })

    content {
      sid       = "NotBy${statement.key}Keys"
      effect    = "Deny"
      actions   = ["kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant"]
      resources = statement.value

      dynamic "condition" {
        for_each = statement.key == "Own" ? [true] : []

        content {
          test     = "StringEquals"
          variable = "aws:ResourceTag/holdfast"
          values   = [var.name]
        }
      }
      condition {
        test     = "StringNotLike"
        variable = "kms:ViaService"
        values   = ["elasticfilesystem.${local.region}.*"]
      }
    }
  }

  # Never a file system with snapshots, nor what is in it.
  statement {
    sid       = "NotFileSystems"
    effect    = "Deny"
    actions   = ["elasticfilesystem:DeleteFileSystem", "elasticfilesystem:Client*", "elasticfilesystem:CreateReplicationConfiguration"]
    resources = ["*"]
  }
}
