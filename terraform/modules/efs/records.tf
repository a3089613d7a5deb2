# One item for each backup, restore and verification, and one lock for each file system where one runs.
resource "aws_dynamodb_table" "backups" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "BackupId"

  attribute {
    name = "BackupId"
    type = "S"
  }

  ttl {
    attribute_name = "ExpireItem"
    enabled        = true
  }

  server_side_encryption {
    enabled = true
  }

  point_in_time_recovery {
    enabled = true
  }
}

# Results, logs of tasks, and copies of manifests.
resource "aws_s3_bucket" "logs" {
  bucket = "${local.name}-logs-${local.account}-${local.region}"

  # They say what was backed up, also after the deployment has gone.
  lifecycle {
    prevent_destroy = true
  }
}

module "logs_bucket" {
  source          = "../private-bucket"
  bucket          = { id = aws_s3_bucket.logs.id, arn = aws_s3_bucket.logs.arn }
  replaced_days   = 30
  expiration_days = var.efs.results_days
}

# What instances write while they work.
resource "aws_cloudwatch_log_group" "instances" {
  name              = "/aws/ec2/${local.name}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.log_key_arn
}
