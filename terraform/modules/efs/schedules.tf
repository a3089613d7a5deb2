locals {
  default_expressions = {
    daily   = "cron(0 2 * * ? *)"
    weekly  = "cron(0 2 ? * SUN *)"
    monthly = "cron(0 2 1 * ? *)"
  }
  interval_hours = { daily = 24, weekly = 7 * 24, monthly = 31 * 24 }

  expressions = { for name, it in var.efs.file_systems : name => coalesce(it.schedule.expression, local.default_expressions[it.interval]) }
}

resource "aws_scheduler_schedule_group" "backups" {
  name = local.name
}

# Reminders that the orchestrator makes for itself and that go when they have come. With the group go those that are left.
resource "aws_scheduler_schedule_group" "tasks" {
  name = "${local.name}-tasks"
}

resource "aws_scheduler_schedule" "backup" {
  for_each                     = var.efs.file_systems
  name                         = local.groups[each.key]
  group_name                   = aws_scheduler_schedule_group.backups.name
  description                  = "Starts a backup of ${each.value.source.file_system_id}"
  schedule_expression          = local.expressions[each.key]
  schedule_expression_timezone = each.value.schedule.time_zone
  state                        = each.value.schedule.enabled ? "ENABLED" : "DISABLED"

  # The window begins when it is said to.
  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.orchestrator.function.aliases[local.schedule_alias]
    role_arn = aws_iam_role.scheduler.arn
    # The time tells a delivery that comes twice from the next night's. jsonencode would write the angle brackets as escapes.
    input = replace(replace(
      jsonencode({ action = "start", fileSystem = each.key, asked = "<aws.scheduler.scheduled-time>" }),
    "\\u003c", "<"), "\\u003e", ">")

    # A start that is much later would leave no window.
    retry_policy {
      maximum_event_age_in_seconds = 1800
      maximum_retry_attempts       = 10
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  # The first start must find the role with its rights, and all that it sets going.
  depends_on = [aws_iam_role_policy.scheduler, aws_cloudwatch_event_target.events]
}

resource "aws_scheduler_schedule" "janitor" {
  name                = "${local.name}-janitor"
  group_name          = aws_scheduler_schedule_group.backups.name
  description         = "Finds backups without an instance and instances without a backup, and says how long the last success is ago"
  schedule_expression = "rate(${var.efs.janitor_minutes} minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.orchestrator.function.aliases[local.schedule_alias]
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ action = "janitor" })

    # The next one comes soon enough.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 2
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}

resource "aws_iam_role" "scheduler" {
  name                 = "${local.name}-schedule"
  description          = "Starts backups of ${local.name} and reminds of them"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "start-backups"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

data "aws_iam_policy_document" "scheduler_trust" {
  # EventBridge Scheduler works by this role, for the schedules of these groups only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.backups.arn, aws_scheduler_schedule_group.tasks.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  # Invokes the orchestrator, by the alias for schedules only: of others it would take orders to restore as well.
  statement {
    sid       = "InvokeOrchestrator"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function_arn]
  }

  # Leaves a note where it could not be invoked.
  statement {
    sid       = "NoteFailures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
}
