# All by plan: what must not be destroyed could not be cleared away after an apply either.
mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name = "holdfast"
}

run "protects_the_bucket_by_default" {
  command = plan

  assert {
    condition     = aws_s3_bucket.vault[0].bucket == "holdfast-vault-123456789012-eu-central-1"
    error_message = "the bucket is named by deployment, account and region"
  }
  assert {
    condition     = !coalesce(aws_s3_bucket.vault[0].force_destroy, false)
    error_message = "a bucket with snapshots must not be emptied by Terraform"
  }
  assert {
    condition     = aws_s3_bucket_versioning.vault[0].versioning_configuration[0].status == "Enabled"
    error_message = "the bucket is versioned"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.vault[0].block_public_acls,
      aws_s3_bucket_public_access_block.vault[0].block_public_policy,
      aws_s3_bucket_public_access_block.vault[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.vault[0].restrict_public_buckets,
    ])
    error_message = "all public access is blocked"
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.vault[0].rule).object_ownership == "BucketOwnerEnforced"
    error_message = "the owner of the bucket owns what is in it"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule).apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.vault[0].arn
    error_message = "the vault is encrypted by its own key"
  }
  assert {
    condition     = aws_kms_key.vault[0].enable_key_rotation && aws_kms_key.vault[0].deletion_window_in_days == 30
    error_message = "the key rotates, and is not gone before a month"
  }
  assert {
    condition     = output.vault.encryption_key.arn == aws_kms_key.vault[0].arn
    error_message = "users of the vault learn which key they need"
  }
  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.vault) + length(aws_s3_bucket_replication_configuration.vault) + length(aws_s3_bucket_logging.vault) == 0
    error_message = "lock, replication and access log are there only when asked for"
  }
}

run "cannot_be_destroyed" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket.vault) == 1 && strcontains(regex("(?s)resource \"aws_s3_bucket\" \"vault\" .*?\n}\n", file("main.tf")), "prevent_destroy = true")
    error_message = "Terraform refuses to destroy the bucket"
  }
  assert {
    condition     = length(aws_kms_key.vault) == 1 && strcontains(regex("(?s)resource \"aws_kms_key\" \"vault\" .*?\n}\n", file("encryption.tf")), "prevent_destroy = true")
    error_message = "and the key, without which the bucket cannot be read"
  }
}

run "refuses_by_its_policy" {
  command = plan

  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.bucket[0].statement : alltrue([
        statement.effect == "Deny", statement.actions == toset(["s3:*"]),
        anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport" && condition.values == tolist(["false"])]),
      ])
    ])
    error_message = "requests without TLS are denied"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.bucket[0].statement :
      statement.effect == "Deny" && statement.actions == toset(["s3:DeleteObjectVersion"]) && length(statement.condition) == 0
    ])
    error_message = "no one ends a version"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.bucket[0].statement : statement.effect == "Deny"])
    error_message = "the bucket's policy grants nothing"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.bucket[0].statement :
      anytrue([for condition in statement.condition : condition.variable == "s3:x-amz-server-side-encryption-aws-kms-key-id" && condition.values == tolist([aws_kms_key.vault[0].arn])])
    ])
    error_message = "writes under another key are denied"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.bucket[0].statement :
      statement.effect == "Deny" && statement.actions == toset(["s3:PutObject"]) && [for condition in statement.condition : [condition.test, condition.variable, one(condition.values)]] == [["Null", "s3:x-amz-server-side-encryption-customer-algorithm", "false"]]
    ])
    error_message = "and so are writes under a key that only the request has"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.bucket[0].statement :
      anytrue([for condition in statement.condition : condition.test == "Null" && condition.values == tolist(["false"])])
      if startswith(statement.sid, "DenyOther")
    ])
    error_message = "writes that say nothing of encryption, as all of Holdfast's, are not"
  }
}

run "cleans_up_and_moves_but_never_expires" {
  command = plan

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule :
      anytrue([for upload in rule.abort_incomplete_multipart_upload : upload.days_after_initiation == 7])
    ])
    error_message = "incomplete uploads are aborted after 7 days"
  }
  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule :
      anytrue([for move in rule.transition : move.days == 90 && move.storage_class == "GLACIER_IR"]) && rule.filter[0].object_size_greater_than == 1048576
    ])
    error_message = "large objects go to Glacier Instant Retrieval after 90 days"
  }
  assert {
    condition = alltrue(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : [for end in rule.expiration : end.expired_object_delete_marker]
    ]))
    error_message = "no rule expires a snapshot, only the markers that removed ones leave"
  }
}

run "moves_only_what_stands_below_the_prefixes_given" {
  command = plan
  variables {
    vault = { transition = { prefixes = ["backups/github/"] } }
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : rule.filter[0].and[0].prefix if length(rule.transition) > 0
    ] == ["backups/github/"]
    error_message = "one rule for the prefix, and none for the whole bucket"
  }
}

run "moves_nothing_when_told_so" {
  command = plan
  variables {
    vault = { transition = { days = 0 } }
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : length(rule.transition) == 0])
    error_message = "0 days means never"
  }
}

run "encrypts_without_kms_when_told_so" {
  command = plan
  variables {
    vault = { encryption = { kms = false } }
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "AES256 instead"
  }
  assert {
    condition     = length(aws_kms_key.vault) == 0 && output.vault.encryption_key == null
    error_message = "and no key"
  }
}

run "takes_a_given_key" {
  command = plan
  variables {
    vault = { encryption = { key_arn = "arn:aws:kms:eu-central-1:123456789012:key/given" } }
  }

  assert {
    condition     = length(aws_kms_key.vault) == 0 && output.vault.encryption_key.arn == "arn:aws:kms:eu-central-1:123456789012:key/given"
    error_message = "the given key is used, and none made"
  }
}

run "leaves_an_existing_bucket_alone" {
  command = plan
  variables {
    vault = { existing = true, bucket = "acme-backups" }
  }

  assert {
    condition = length(aws_s3_bucket.vault) + length(aws_s3_bucket_policy.vault) + length(aws_s3_bucket_versioning.vault) + length(
      aws_s3_bucket_lifecycle_configuration.vault
    ) + length(aws_kms_key.vault) == 0
    error_message = "nothing of it is managed"
  }
  assert {
    condition     = output.vault.bucket == "acme-backups" && output.vault.arn == "arn:aws:s3:::acme-backups"
    error_message = "but it is used"
  }
}

run "does_not_look_at_the_bucket_of_another_account" {
  command = plan
  variables {
    vault = { existing = true, bucket = "acme-backups", account_id = "210987654321" }
  }

  assert {
    condition     = length(data.aws_s3_bucket.existing) == 0 && output.vault.bucket == "acme-backups"
    error_message = "which it may not list, but uses"
  }
}

run "lets_nobody_else_write_unless_told" {
  command = plan

  assert {
    condition     = length(module.writers) == 0 && length(data.aws_iam_policy_document.bucket[0].source_policy_documents) == 0
    error_message = "the vault is this account's alone"
  }
}

run "lets_other_accounts_write" {
  command = plan
  variables {
    vault = { writers = { prefix = "code", accounts = { "210987654321" = [] } } }
  }

  assert {
    condition = (
      data.aws_iam_policy_document.bucket[0].source_policy_documents == tolist([module.writers[0].policies.bucket]) &&
      length(data.aws_iam_policy_document.bucket[0].statement) == 5
    )
    error_message = "beside all that the bucket refuses to everybody"
  }
  assert {
    condition     = data.aws_iam_policy_document.key[0].source_policy_documents == tolist([module.writers[0].policies.key])
    error_message = "under its key"
  }
}

run "refuses_writers_of_an_existing_bucket" {
  command = plan
  variables {
    vault = { existing = true, bucket = "acme-backups", writers = { accounts = { "210987654321" = [] } } }
  }
  expect_failures = [var.vault]
}

run "refuses_the_account_of_a_bucket_that_it_makes" {
  command = plan
  variables {
    vault = { account_id = "210987654321" }
  }
  expect_failures = [var.vault]
}

run "locks_when_asked" {
  command = plan
  variables {
    vault = { object_lock = { mode = "COMPLIANCE", days = 30 } }
  }

  assert {
    condition     = one(one(aws_s3_bucket_object_lock_configuration.vault[0].rule).default_retention).mode == "COMPLIANCE"
    error_message = "versions are locked"
  }
}

run "replicates_all_but_removals" {
  command = plan
  variables {
    vault = {
      replication = {
        bucket_arn = "arn:aws:s3:::copy"
        account_id = "210987654321"
        key_arn    = "arn:aws:kms:eu-west-1:210987654321:key/copy"
      }
    }
  }

  assert {
    condition     = one(one(aws_s3_bucket_replication_configuration.vault[0].rule).delete_marker_replication).status == "Disabled"
    error_message = "a removal here leaves the copy as it is"
  }
  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.vault[0].rule).destination).access_control_translation).owner == "Destination"
    error_message = "the copies belong to the account that holds them"
  }
  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.replication[0].statement : tolist(statement.actions)]), "s3:ReplicateDelete")
    error_message = "the role may not replicate removals"
  }
  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.vault[0].rule).destination).metrics).status == "Enabled"
    error_message = "S3 measures how it goes"
  }
  assert {
    condition     = output.replication == { source_bucket = "holdfast-vault-123456789012-eu-central-1", destination_bucket = "copy", rule = "everything" }
    error_message = "and an alarm can be set on that"
  }
  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.replication[0].statement : tolist(statement.actions)]), "s3:GetObjectRetention")
    error_message = "without a lock there is none to read"
  }
}

run "replicates_what_is_locked" {
  command = plan
  variables {
    vault = {
      object_lock = { days = 30 }
      replication = { bucket_arn = "arn:aws:s3:::copy", key_arn = "arn:aws:kms:eu-west-1:210987654321:key/copy", object_lock = true }
    }
  }

  assert {
    condition = length(setsubtract(
      ["s3:GetObjectRetention", "s3:GetObjectLegalHold"],
      flatten([for statement in data.aws_iam_policy_document.replication[0].statement : tolist(statement.actions)]),
    )) == 0
    error_message = "S3 copies nothing of a bucket with Object Lock unless the role may read the locks"
  }
}

run "refuses_to_replicate_what_is_locked_to_where_nothing_is" {
  command = plan
  variables {
    vault = {
      object_lock = { days = 30 }
      replication = { bucket_arn = "arn:aws:s3:::copy", key_arn = "arn:aws:kms:eu-west-1:210987654321:key/copy" }
    }
  }
  expect_failures = [var.vault]
}

run "refuses_a_replica_without_a_key" {
  command = plan
  variables {
    vault = { replication = { bucket_arn = "arn:aws:s3:::copy" } }
  }
  expect_failures = [var.vault]
}

run "refuses_an_existing_bucket_without_a_name" {
  command = plan
  variables {
    vault = { existing = true }
  }
  expect_failures = [var.vault]
}

run "refuses_to_lock_an_existing_bucket" {
  command = plan
  variables {
    vault = { existing = true, bucket = "acme-backups", object_lock = { days = 1 } }
  }
  expect_failures = [var.vault]
}

run "refuses_a_location_for_a_bucket" {
  command = plan
  variables {
    vault = { bucket = "s3://acme-backups/prefix" }
  }
  expect_failures = [var.vault]
}

run "refuses_an_alias_for_a_key" {
  command = plan
  variables {
    vault = { encryption = { key_arn = "alias/backups" } }
  }
  expect_failures = [var.vault]
}

run "refuses_to_move_what_costs_more_there" {
  command = plan
  variables {
    vault = { transition = { larger_than_kib = 1 } }
  }
  expect_failures = [var.vault]
}
