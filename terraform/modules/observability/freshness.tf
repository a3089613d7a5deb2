# CloudWatch cannot look back a month, so a function finds out how long ago the last success was.
module "freshness" {
  source   = "../function"
  for_each = var.sources
  platform = var.platform

  function = {
    name            = "${each.value.service}-freshness"
    description     = "Says how long ago the last run over ${each.key}, and the last drill of it, succeeded"
    package         = "${var.artifacts}/functions/freshness.zip"
    timeout_seconds = 60
    memory_mb       = 256
    environment = merge({
      HOLDFAST_SOURCE              = each.key
      HOLDFAST_STATE_MACHINE       = each.value.state_machine.arn
      POWERTOOLS_SERVICE_NAME      = each.value.service
      POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
    }, each.value.drills == null ? {} : { HOLDFAST_DRILLS = each.value.drills.arn })
    policies = { runs = data.aws_iam_policy_document.freshness[each.key].json }
    failures = each.value.dead_letters
  }
}

data "aws_iam_policy_document" "freshness" {
  for_each = var.sources

  # Asks when the last run and the last drill succeeded. It needs neither the vault nor the secret.
  statement {
    sid       = "ListRuns"
    actions   = ["states:ListExecutions"]
    resources = concat([each.value.state_machine.arn], each.value.drills[*].arn)
  }
}

resource "aws_scheduler_schedule_group" "checks" {
  name = "${var.name}-checks"
}

resource "aws_scheduler_schedule" "freshness" {
  for_each    = var.sources
  name        = "${each.value.service}-freshness"
  group_name  = aws_scheduler_schedule_group.checks.name
  description = "Checks how long ago the last run over ${each.key} succeeded"

  # Twice a day, so that each day that the alarm looks at has a check in it. A rate starts with the first one at once.
  schedule_expression = "rate(12 hours)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.freshness[each.key].function.arn
    role_arn = aws_iam_role.checks.arn
    input    = jsonencode({ source = each.key })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
    dead_letter_config {
      arn = each.value.dead_letters.arn
    }
  }

  # The first start must find the role with its rights.
  depends_on = [aws_iam_role_policy.checks]
}

resource "aws_iam_role" "checks" {
  name                 = "${var.name}-checks"
  description          = "Starts the checks of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.checks_trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_role_policy" "checks" {
  count  = length(var.sources) == 0 ? 0 : 1
  name   = "start-checks"
  role   = aws_iam_role.checks.id
  policy = data.aws_iam_policy_document.checks[0].json
}

data "aws_iam_policy_document" "checks_trust" {
  # EventBridge Scheduler starts checks, for the schedules of this group only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.checks.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "checks" {
  count = length(var.sources) == 0 ? 0 : 1

  # Invokes the checks, by their aliases only.
  statement {
    sid       = "InvokeChecks"
    actions   = ["lambda:InvokeFunction"]
    resources = [for check in module.freshness : check.function.arn]
  }

  # Leaves a note where a check could not be started.
  statement {
    sid       = "NoteFailures"
    actions   = ["sqs:SendMessage"]
    resources = [for source in var.sources : source.dead_letters.arn]
  }
}
