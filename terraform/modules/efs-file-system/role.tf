resource "aws_iam_role" "instance" {
  name                 = "${var.name}-instance"
  description          = "Instances that back up ${local.source_id}"
  assume_role_policy   = data.aws_iam_policy_document.instance_trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_instance_profile" "instance" {
  name = "${var.name}-instance"
  role = aws_iam_role.instance.name
}

resource "aws_iam_role_policy" "instance" {
  name   = "task"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

data "aws_iam_policy_document" "instance_trust" {
  # EC2 lends the role to instances that are launched with its profile.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

locals {
  file_system_arns = {
    for id in distinct(concat([local.source_id], var.file_system.restore_to)) : id => "arn:${local.partition}:elasticfilesystem:${local.here}:file-system/${id}"
  }
  vault_arn = "arn:${local.partition}:elasticfilesystem:${local.here}:file-system/${local.vault_id}"
}

data "aws_iam_policy_document" "instance" {
  # Mounts what is backed up, the vault, and what is restored to, as root: files keep their owners. A restore writes.
  # https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
  statement {
    sid       = "Mount"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"]
    resources = concat(values(local.file_system_arns), [local.vault_arn])

    condition {
      test     = "Bool"
      variable = "elasticfilesystem:AccessedViaMountTarget"
      values   = ["true"]
    }
  }

  # Loads the program, of which the name changes with each version.
  statement {
    sid       = "LoadProgram"
    actions   = ["s3:GetObject"]
    resources = ["${var.program.bucket_arn}/holdfast-*.mjs"]
  }

  # Learns its task: who holds the lock of its group, and the tasks of its file system. Others have random words by which
  # their instances are believed.
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  statement {
    sid       = "ReadTask"
    actions   = ["dynamodb:GetItem"]
    resources = [var.records.table.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values = concat(
        ["lock#${var.name}"],
        # Names of file systems have no capital letters, so none is taken for part of another.
        [for action in ["backup", "restore", "verify"] : "${action}-${var.file_system_name}-????-??-??T*"],
      )
    }
    # Without this a request that names no key would be let in as well.
    condition {
      test     = "Null"
      variable = "dynamodb:LeadingKeys"
      values   = ["false"]
    }
  }

  # Leaves the result, the log and the copy of the manifest: those of its own group and its own source.
  statement {
    sid     = "StoreResult"
    actions = ["s3:PutObject"]
    resources = [
      "${var.records.logs.arn}/efs/results/${var.name}/*",
      "${var.records.logs.arn}/efs/snapshots/${local.source_id}/*",
    ]
  }

  # Takes away the copies of manifests whose snapshots retention has removed. The bucket is versioned.
  statement {
    sid       = "RemoveManifests"
    actions   = ["s3:DeleteObject"]
    resources = ["${var.records.logs.arn}/efs/snapshots/${local.source_id}/*"]
  }

  # Says that it is done, and nothing else in anybody's name.
  statement {
    sid       = "TellEnd"
    actions   = ["events:PutEvents"]
    resources = ["arn:${local.partition}:events:${local.here}:event-bus/default"]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = ["holdfast.efs"]
    }
  }

  # Writes its log while it works; the group is there already.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${var.records.log_group.arn}:*"]
  }

  # Lets the orchestrator stop the work in an orderly way: what Run Command needs of AmazonSSMManagedInstanceCore.
  # https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
  statement {
    sid       = "Register"
    actions   = ["ssm:UpdateInstanceInformation"]
    resources = ["arn:${local.partition}:ec2:${local.here}:instance/*"]
  }

  # The same: AWS knows no resources for these.
  statement {
    sid = "TakeCommands"
    actions = [
      "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
      "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
      "ec2messages:GetMessages", "ec2messages:SendReply",
    ]
    resources = ["*"]
  }
}
