mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  bucket        = { id = "logs", arn = "arn:aws:s3:::logs" }
  replaced_days = 30
}

run "is_versioned_encrypted_and_closed" {
  assert {
    condition = alltrue([
      aws_s3_bucket_versioning.bucket.versioning_configuration[0].status == "Enabled",
      one(one(aws_s3_bucket_server_side_encryption_configuration.bucket.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256",
      aws_s3_bucket_public_access_block.bucket.block_public_acls,
      aws_s3_bucket_public_access_block.bucket.block_public_policy,
      aws_s3_bucket_public_access_block.bucket.ignore_public_acls,
      aws_s3_bucket_public_access_block.bucket.restrict_public_buckets,
      one(aws_s3_bucket_ownership_controls.bucket.rule).object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "whatever it holds"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.bucket.statement :
      statement.effect == "Deny" && statement.resources == toset(["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]) &&
      anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport" && condition.values == tolist(["false"])])
    ])
    error_message = "by TLS only"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.bucket.statement : statement.effect == "Deny" && statement.actions == toset(["s3:PutObject"]) && anytrue([for condition in statement.condition : condition.variable == "s3:x-amz-server-side-encryption-customer-algorithm"])])
    error_message = "under no key that only a request has"
  }
}

run "keeps_objects_for_ever_unless_told" {
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.bucket.rule) == 1 && aws_s3_bucket_lifecycle_configuration.bucket.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "only what was replaced goes"
  }
}

run "ends_old_objects_where_told" {
  variables {
    expiration_days = 400
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.bucket.rule[1].expiration[0].days == 400
    error_message = "after so many days"
  }
}

run "refuses_to_lose_replaced_versions_at_once" {
  command = plan
  variables {
    replaced_days = 0
  }
  expect_failures = [var.replaced_days]
}
