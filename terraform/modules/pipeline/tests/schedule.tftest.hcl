mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  pipeline = { name = "holdfast-github", source = "github" }
  functions = {
    inventory = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:inventory:live", timeout_seconds = 900 }
    backup    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:backup:live", timeout_seconds = 900 }
    report    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:report:live", timeout_seconds = 900 }
    retention = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:retention:live", timeout_seconds = 900 }
  }
  build        = { name = "holdfast-github", arn = "arn:aws:codebuild:eu-central-1:123456789012:project/holdfast-github", start_policy = "{}", timeout_minutes = 480 }
  files_policy = "{}"
  log          = { retention_days = 90 }
}

run "starts_every_month_by_default" {
  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == "cron(1 1 1 * ? *)" && aws_scheduler_schedule.run.state == "ENABLED"
    error_message = "on the first, as the systems that this one replaces"
  }
  assert {
    condition     = aws_scheduler_schedule.run.flexible_time_window[0].mode == "FLEXIBLE" && aws_scheduler_schedule.run.flexible_time_window[0].maximum_window_in_minutes == 60
    error_message = "within an hour"
  }
  assert {
    condition     = aws_scheduler_schedule.run.target[0].input == "{\"source\":\"github\"}"
    error_message = "with the source as input"
  }
  assert {
    condition     = output.schedule.words == "on the 1. of every month at 01:01 UTC, within 60 minutes" && output.schedule.interval_hours == 744
    error_message = "which is said in words, and known as an interval"
  }
}

run "notes_what_could_not_be_started" {
  assert {
    condition     = aws_scheduler_schedule.run.target[0].dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    error_message = "in the queue"
  }
  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "which is encrypted and keeps for two weeks"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.dead_letters.statement :
      statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport"])
    ])
    error_message = "and takes nothing without TLS"
  }
}

run "may_start_this_state_machine_only" {
  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.scheduler.statement : statement.resources if contains(statement.actions, "states:StartExecution")
    ]) == toset([aws_sfn_state_machine.run.arn])
    error_message = "and no other"
  }
}

run "can_be_switched_off" {
  variables {
    schedule = { enabled = false }
  }

  assert {
    condition     = aws_scheduler_schedule.run.state == "DISABLED" && startswith(output.schedule.words, "never by itself")
    error_message = "then runs start by hand only"
  }
}

run "says_daily" {
  variables {
    schedule = { expression = "cron(30 3 * * ? *)", time_zone = "Europe/Berlin", flexible_minutes = 0 }
  }

  assert {
    condition     = output.schedule.words == "every day at 03:30 Europe/Berlin" && output.schedule.interval_hours == 24
    error_message = "in words and hours"
  }
  assert {
    condition     = aws_scheduler_schedule.run.flexible_time_window[0].mode == "OFF"
    error_message = "at that time and not later"
  }
}

run "says_weekly" {
  variables {
    schedule = { expression = "cron(0 4 ? * MON *)" }
  }

  assert {
    condition     = output.schedule.words == "every Monday at 04:00 UTC, within 60 minutes" && output.schedule.interval_hours == 168
    error_message = "in words and hours"
  }
}

run "says_a_rate" {
  variables {
    schedule = { expression = "rate(7 days)" }
  }

  assert {
    condition     = output.schedule.words == "every 7 days, within 60 minutes" && output.schedule.interval_hours == 168
    error_message = "in words and hours"
  }
}

run "does_not_guess" {
  variables {
    schedule = { expression = "cron(0 4 1 */3 ? *)" }
  }

  assert {
    condition     = output.schedule.words == "by cron(0 4 1 */3 ? *) in UTC, within 60 minutes" && output.schedule.interval_hours == null
    error_message = "what is not plain is repeated as it is"
  }
}

run "refuses_five_fields" {
  command = plan
  variables {
    schedule = { expression = "cron(1 1 1 * *)" }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_offset_for_a_time_zone" {
  command = plan
  variables {
    schedule = { time_zone = "+01:00" }
  }
  expect_failures = [var.schedule]
}

run "refuses_days_of_the_month_and_of_the_week_at_once" {
  command = plan

  variables {
    schedule = { expression = "cron(0 4 * * * *)" }
  }

  expect_failures = [var.schedule]
}

run "refuses_neither_day" {
  command = plan

  variables {
    schedule = { expression = "cron(0 4 ? * ? *)" }
  }

  expect_failures = [var.schedule]
}
