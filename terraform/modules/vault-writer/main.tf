# What the accounts that back up may do in a vault that another account owns, written for that account: for the policy
# of the bucket and of its key. Creates nothing.
#
# An account writes and reads below <prefix>/<its number>/, which is what its deployment has for a prefix, and sees
# nothing beside. It creates snapshots but replaces and removes none, so a thief of the account cannot take
# its backups away. One set of statements does for all accounts, because IAM puts the caller's number into them: a
# bucket's policy takes no more than 20 KB.
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  prefix     = var.prefix == "" ? "" : "${var.prefix}/"
  place      = "${var.bucket_arn}/${local.prefix}&{aws:PrincipalAccount}"
  principals = [for account in keys(var.accounts) : "arn:${local.partition}:iam::${account}:root"]

  # Compared by their names and not made principals: a policy takes no principal that is not there, and forgets one
  # that is removed and made again.
  callers = flatten([for account, roles in var.accounts : coalescelist(roles, ["arn:${local.partition}:iam::${account}:*"])])
}
