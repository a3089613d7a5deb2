resource "aws_scheduler_schedule_group" "pipeline" {
  name = var.pipeline.name
}

resource "aws_scheduler_schedule" "run" {
  name                         = var.pipeline.name
  group_name                   = aws_scheduler_schedule_group.pipeline.name
  description                  = "Starts a run over the source ${var.pipeline.source}"
  schedule_expression          = var.schedule.expression
  schedule_expression_timezone = var.schedule.time_zone
  state                        = var.schedule.enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode                      = var.schedule.flexible_minutes == 0 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = var.schedule.flexible_minutes == 0 ? null : var.schedule.flexible_minutes
  }

  target {
    arn      = aws_sfn_state_machine.run.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ source = var.pipeline.source })

    # After six hours it is better to say so than to go on trying.
    retry_policy {
      maximum_event_age_in_seconds = 6 * 3600
      maximum_retry_attempts       = 20
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  # The first start must find the role with its rights.
  depends_on = [aws_iam_role_policy.scheduler]
}

resource "aws_iam_role" "scheduler" {
  name                 = "${var.pipeline.name}-schedule"
  description          = "Starts the runs of ${var.pipeline.name}"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  permissions_boundary = var.log.permissions_boundary
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "start-runs"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

data "aws_iam_policy_document" "scheduler_trust" {
  # EventBridge Scheduler starts runs, for the schedules of this group only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.pipeline.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  # Starts this state machine and no other.
  statement {
    sid       = "StartRuns"
    actions   = ["states:StartExecution"]
    resources = [aws_sfn_state_machine.run.arn]
  }

  # Leaves a note where a run could not be started.
  statement {
    sid       = "NoteFailures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
}
