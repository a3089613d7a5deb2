locals {
  function_name = "${local.name}-orchestrator"
  # Schedules invoke the function by an alias of their own: of who comes by it, backups are taken and nothing else.
  # Composed, since the function needs it before it exists.
  schedule_alias = "schedule"
  function_arn   = "arn:${local.partition}:lambda:${local.here}:function:${local.function_name}:${local.schedule_alias}"

  # What the function is configured with for each file system. A setting that is not set is left out.
  settings = {
    for name, it in var.efs.file_systems : name => {
      for key, value in {
        source        = { for key, value in { id = it.source.file_system_id, accessPoint = it.source.access_point } : key => value if value != null }
        vault         = { for key, value in { id = module.file_system[name].file_system.vault_id, accessPoint = it.vault.access_point } : key => value if value != null }
        group         = local.groups[name]
        hooks         = { launch = "launch", terminate = "terminate" }
        label         = it.label
        interval      = it.interval
        retain        = it.retain
        windowMinutes = it.window_minutes
        prefix        = it.prefix == "/" ? null : it.prefix
        workers       = it.workers
        acceptEmpty   = it.accept_empty
      } : key => value if value != null
    }
  }
}

module "orchestrator" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = local.function_name
    description = "Drives backups of EFS through their Auto Scaling groups"
    package     = "${var.artifacts}/functions/efs-orchestrator.zip"
    # It never waits: what takes longer it follows by messages to itself.
    timeout_seconds = 300
    environment = merge(var.notifications.secret == null ? {} : { HOLDFAST_NOTIFY_SECRET = var.notifications.secret.name }, {
      HOLDFAST_EFS_TABLE           = aws_dynamodb_table.backups.name
      HOLDFAST_EFS_LOGS            = module.logs_bucket.bucket
      HOLDFAST_EFS_FILE_SYSTEMS    = jsonencode(local.settings)
      HOLDFAST_TOPIC               = var.notifications.topic_arn
      HOLDFAST_NOTIFY_SUCCESS      = tostring(var.notifications.success)
      HOLDFAST_SCHEDULER_ROLE      = aws_iam_role.scheduler.arn
      HOLDFAST_SCHEDULE_GROUP      = aws_scheduler_schedule_group.tasks.name
      HOLDFAST_FUNCTION_ARN        = local.function_arn
      HOLDFAST_EFS_STOP_DOCUMENT   = aws_ssm_document.stop.name
      POWERTOOLS_SERVICE_NAME      = local.name
      POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
    })
    policies = {
      records = data.aws_iam_policy_document.records.json
      drive   = data.aws_iam_policy_document.drive.json
      notify  = data.aws_iam_policy_document.notify.json
    }
    aliases  = [local.schedule_alias]
    failures = { arn = aws_sqs_queue.dead_letters.arn }
  }
}

data "aws_iam_policy_document" "records" {
  # Keeps the books: what runs, what ran, and what must not run beside it.
  statement {
    sid       = "Books"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.backups.arn]
  }

  # Reads what an instance says it has done.
  statement {
    sid       = "ReadResults"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/efs/results/*"]
  }

  # Without this a result that is not there would look like one that may not be read.
  statement {
    sid       = "KnowMissingResults"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.logs.arn]
  }
}

data "aws_iam_policy_document" "drive" {
  # Starts and ends instances of these groups, and no others.
  statement {
    sid       = "Groups"
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"]
    resources = [for group in values(local.groups) : "arn:${local.partition}:autoscaling:${local.here}:autoScalingGroup:*:autoScalingGroupName/${group}"]
  }

  # Looks which instances there are. AWS knows no resources for these.
  statement {
    sid       = "LookAtGroups"
    actions   = ["autoscaling:DescribeAutoScalingGroups"]
    resources = ["*"]
  }

  # Stops the work on an instance in an orderly way: by the one command of this document, which takes no parameters.
  statement {
    sid       = "StopByCommand"
    actions   = ["ssm:SendCommand"]
    resources = ["arn:${local.partition}:ssm:${local.here}:document/${aws_ssm_document.stop.name}"]
  }

  # The same: on instances of these groups. Only AWS can set a tag that begins with aws:.
  statement {
    sid       = "StopOnInstances"
    actions   = ["ssm:SendCommand"]
    resources = ["arn:${local.partition}:ec2:${local.here}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:autoscaling:groupName"
      values   = values(local.groups)
    }
  }

  # Asks what became of the command. AWS knows no resources for this.
  statement {
    sid       = "FollowCommand"
    actions   = ["ssm:GetCommandInvocation"]
    resources = ["*"]
  }

  # Records sizes and modes, and finds missing mount targets before a machine is started: of the file systems that are
  # backed up, of their vaults, and of those that a restore names.
  statement {
    sid       = "LookAtFileSystems"
    actions   = ["elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets"]
    resources = ["arn:${local.partition}:elasticfilesystem:${local.here}:file-system/*"]
  }

  # Records burst credits and throughput. AWS knows no resources for this.
  statement {
    sid       = "ReadBurstCredits"
    actions   = ["cloudwatch:GetMetricStatistics"]
    resources = ["*"]
  }

  # Reminds itself of the end of a window, and of what it follows.
  statement {
    sid       = "Reminders"
    actions   = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"]
    resources = ["arn:${local.partition}:scheduler:${local.here}:schedule/${aws_scheduler_schedule_group.tasks.name}/*"]
  }

  # Reminders come by the role of the schedules.
  statement {
    sid       = "PassScheduleRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.scheduler.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["scheduler.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "notify" {
  # Says how a backup ended.
  statement {
    sid       = "Notify"
    actions   = ["sns:Publish"]
    resources = [var.notifications.topic_arn]
  }

  # The topic is encrypted, and each publisher uses its key.
  # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  statement {
    sid       = "EncryptNotification"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.notifications.key_arn]
  }

  # Reads the addresses of webhooks and heartbeats, where there are any. It may read no other secret by this.
  dynamic "statement" {
    for_each = var.notifications.secret == null ? [] : [var.notifications.secret.arn]

    content {
      sid       = "ReadAddresses"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  # Decrypts them, where their secret is encrypted by its own key.
  dynamic "statement" {
    for_each = try(var.notifications.secret.key_arn, null) == null ? [] : [var.notifications.secret.key_arn]

    content {
      sid       = "DecryptAddresses"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
