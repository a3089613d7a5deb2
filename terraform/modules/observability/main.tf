data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id

  # Where people look things up, which differs by partition.
  console = lookup({
    aws-cn     = "https://${local.region}.console.amazonaws.cn"
    aws-us-gov = "https://console.amazonaws-us-gov.com"
  }, local.partition, "https://${local.region}.console.aws.amazon.com")
}
