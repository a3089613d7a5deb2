resource "aws_scheduler_schedule" "drill" {
  name                         = var.name
  group_name                   = var.schedule_group
  description                  = "Starts a drill of the source ${var.source_name}"
  schedule_expression          = var.drill.expression
  schedule_expression_timezone = var.drill.time_zone

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = aws_sfn_state_machine.drill.arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ source = var.source_name })

    retry_policy {
      maximum_event_age_in_seconds = 6 * 3600
      maximum_retry_attempts       = 20
    }
    dead_letter_config {
      arn = var.dead_letters_arn
    }
  }

  # The first start must find the role with its rights.
  depends_on = [aws_iam_role_policy.schedule]
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name}-schedule"
  description          = "Starts the drills of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_role_policy" "schedule" {
  name   = "start-drills"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "schedule_trust" {
  # EventBridge Scheduler starts drills, for the schedules of this group only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:scheduler:${local.place}:schedule-group/${var.schedule_group}"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  # Starts this state machine and no other.
  statement {
    sid       = "StartDrills"
    actions   = ["states:StartExecution"]
    resources = [aws_sfn_state_machine.drill.arn]
  }

  # Leaves a note where a drill could not be started.
  statement {
    sid       = "NoteFailures"
    actions   = ["sqs:SendMessage"]
    resources = [var.dead_letters_arn]
  }
}
