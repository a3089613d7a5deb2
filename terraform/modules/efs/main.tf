data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  name      = "${var.name}-efs"
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.id
  here      = "${local.region}:${local.account}"

  # By the names that they get, so that what must know them need not wait for them.
  groups = { for name in keys(var.efs.file_systems) : name => "${local.name}-${name}" }
}

module "file_system" {
  source   = "../efs-file-system"
  for_each = var.efs.file_systems

  name             = local.groups[each.key]
  file_system_name = each.key
  file_system      = each.value
  network          = each.value.network == null ? var.efs.network : each.value.network
  program          = local.program
  records = {
    table     = { name = aws_dynamodb_table.backups.name, arn = aws_dynamodb_table.backups.arn }
    logs      = { bucket = module.logs_bucket.bucket, arn = aws_s3_bucket.logs.arn }
    log_group = { name = aws_cloudwatch_log_group.instances.name, arn = aws_cloudwatch_log_group.instances.arn }
  }
  platform = var.platform
}
