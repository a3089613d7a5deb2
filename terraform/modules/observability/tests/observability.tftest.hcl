mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name          = "holdfast"
  notifications = { emails = ["backups@example.com"] }
  artifacts     = "../../tests/artifacts"
  sources = {
    github = {
      service        = "holdfast-github"
      state_machine  = { arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github", name = "holdfast-github" }
      dead_letters   = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-github-dead-letters", name = "holdfast-github-dead-letters" }
      interval_hours = 744
      margin_hours   = 48
    }
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = []
    log_retention_days = 90
  }
}

run "tells_people_over_an_encrypted_topic" {
  assert {
    condition     = aws_sns_topic.notifications.kms_master_key_id == aws_kms_key.notifications[0].arn
    error_message = "encrypted by a key that alarms and rules may use"
  }
  assert {
    condition     = one(values(aws_sns_topic_subscription.email)).endpoint == "backups@example.com"
    error_message = "by e-mail"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.topic.statement :
      statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport"])
    ])
    error_message = "by TLS only"
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.key[0].statement : [for principal in statement.principals : tolist(principal.identifiers) if principal.type == "Service"]])) == toset([
      "cloudwatch.amazonaws.com", "events.amazonaws.com",
    ])
    error_message = "the key serves alarms and rules"
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.topic.statement : statement.sid => [
        for condition in statement.condition : condition.variable if strcontains(join(" ", condition.values), "holdfast-*")
      ] if contains(["Alarms", "Executions"], coalesce(statement.sid, "-"))
    } == { Alarms = ["aws:SourceArn"], Executions = [] }
    error_message = "alarms of this deployment only; of rules EventBridge takes no condition"
  }
}

run "raises_what_did_not_end_well" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.executions["github"].event_pattern) == {
      source        = ["aws.states"]
      "detail-type" = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = ["arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github"]
        "$or" = [
          { status = ["TIMED_OUT", "ABORTED"] },
          { status = ["FAILED"], error = [{ "anything-but" = ["PartialRun", "FailedRun"] }] },
          { status = ["FAILED"], error = [{ exists = false }] },
          { status = ["FAILED"], error = [null] },
        ]
      }
    }
    error_message = "failed, timed out, aborted, but for the end of a run whose report was already sent"
  }
  assert {
    condition     = strcontains(aws_cloudwatch_event_target.executions["github"].input_transformer[0].input_template, "executions/details/<execution>")
    error_message = "with a link that EventBridge can fill in"
  }
  assert {
    condition     = aws_cloudwatch_event_target.executions["github"].dead_letter_config[0].arn == "arn:aws:sqs:eu-central-1:123456789012:holdfast-github-dead-letters"
    error_message = "what cannot be delivered is kept"
  }
}

run "alarms_on_failed_items_of_the_source" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.items["github"].namespace == "Holdfast" &&
      aws_cloudwatch_metric_alarm.items["github"].metric_name == "ItemsFailed" &&
      aws_cloudwatch_metric_alarm.items["github"].dimensions == tomap({ service = "holdfast-github", source = "github" })
    )
    error_message = "of this deployment and this source"
  }
  assert {
    condition     = alltrue([for alarm in values(merge(aws_cloudwatch_metric_alarm.dead_letters, aws_cloudwatch_metric_alarm.freshness)) : alarm.alarm_actions == toset([aws_sns_topic.notifications.arn])])
    error_message = "alarms tell the topic"
  }
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.items), values(aws_cloudwatch_metric_alarm.executions)) : length(coalesce(alarm.alarm_actions, [])) == 0])
    error_message = "but for those on what the report or the rule tells of: one partial run sends one mail"
  }
}

run "watches_the_events_of_a_source_that_hears_any" {
  variables {
    sources = {
      codecommit = {
        service        = "holdfast-codecommit"
        state_machine  = { arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-codecommit", name = "holdfast-codecommit" }
        dead_letters   = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-dead-letters", name = "holdfast-codecommit-dead-letters" }
        interval_hours = 24
        margin_hours   = 48
        events = {
          dead_letters = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events-dead-letters", name = "holdfast-codecommit-events-dead-letters" }
        }
      }
    }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.event_dead_letters["codecommit"].dimensions == tomap({ QueueName = "holdfast-codecommit-events-dead-letters" }) &&
      aws_cloudwatch_metric_alarm.event_dead_letters["codecommit"].threshold == 0 &&
      aws_cloudwatch_metric_alarm.event_dead_letters["codecommit"].alarm_actions == toset([aws_sns_topic.notifications.arn])
    )
    error_message = "one event that could not be handled raises an alarm"
  }
  assert {
    condition = alltrue([
      for name in ["holdfast-codecommit-on-event", "holdfast-codecommit-events-dead-letters"] :
      strcontains(aws_cloudwatch_dashboard.overview[0].dashboard_body, "\"${name}\"")
    ])
    error_message = "and seen on the dashboard"
  }
}

run "watches_no_events_of_a_source_that_hears_none" {
  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.dead_letters) == 1 && length(aws_cloudwatch_metric_alarm.event_dead_letters) == 0 &&
      !strcontains(aws_cloudwatch_dashboard.overview[0].dashboard_body, "on-event")
    )
    error_message = "no alarm, no function"
  }
}

run "alarms_when_nothing_succeeds_or_nobody_looks" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.freshness["github"].threshold == 792
    error_message = "interval and margin together"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.freshness["github"].treat_missing_data == "breaching"
    error_message = "silence is an alarm"
  }
  assert {
    condition     = aws_scheduler_schedule.freshness["github"].schedule_expression == "rate(12 hours)" && aws_cloudwatch_metric_alarm.freshness["github"].period == 86400
    error_message = "each day that the alarm looks at has a check in it"
  }
  assert {
    condition     = aws_scheduler_schedule.freshness["github"].target[0].arn == output.checks["github"].arn
    error_message = "the check is started by its alias"
  }
}

run "asks_for_the_last_success_and_nothing_else" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.freshness["github"].statement : [statement.actions, statement.resources]] == [
      [toset(["states:ListExecutions"]), toset(["arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github"])],
    ]
    error_message = "of this source's state machine"
  }
}

run "alarms_when_a_drill_is_overdue_or_found_something" {
  variables {
    sources = {
      github = {
        service        = "holdfast-github"
        state_machine  = { arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github", name = "holdfast-github" }
        drills         = { arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github-drill", name = "holdfast-github-drill", interval_hours = 168 }
        dead_letters   = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-github-dead-letters", name = "holdfast-github-dead-letters" }
        interval_hours = 744
        margin_hours   = 48
      }
    }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.drill_overdue["github"].threshold == 336 && aws_cloudwatch_metric_alarm.drill_overdue["github"].treat_missing_data == "breaching"
    error_message = "a week late, or silence"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.drill_findings["github"].threshold == 0 && aws_cloudwatch_metric_alarm.drill_findings["github"].treat_missing_data == "ignore"
    error_message = "anything that is found, until a drill finds nothing"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.freshness["github"].statement : [statement.actions, statement.resources]] == [
      [toset(["states:ListExecutions"]), toset([for name in ["holdfast-github", "holdfast-github-drill"] : "arn:aws:states:eu-central-1:123456789012:stateMachine:${name}"])],
    ]
    error_message = "of this source's two state machines"
  }
}

run "refuses_an_interval_that_step_functions_forgets" {
  command = plan
  variables {
    sources = {
      github = {
        service        = "holdfast-github"
        state_machine  = { arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github", name = "holdfast-github" }
        dead_letters   = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-github-dead-letters", name = "holdfast-github-dead-letters" }
        interval_hours = 2208
        margin_hours   = 48
      }
    }
  }
  expect_failures = [var.sources]
}

run "watches_nothing_where_there_is_nothing" {
  variables {
    sources = {}
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.items) + length(aws_scheduler_schedule.freshness) + length(aws_cloudwatch_dashboard.overview) == 0
    error_message = "no alarms without a source"
  }
}

run "takes_a_given_key" {
  variables {
    notifications = { key_arn = "arn:aws:kms:eu-central-1:123456789012:key/given" }
  }

  assert {
    condition     = length(aws_kms_key.notifications) == 0 && output.topic.key_arn == "arn:aws:kms:eu-central-1:123456789012:key/given"
    error_message = "and makes none"
  }
}

run "links_to_the_console_of_its_partition" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition     = output.console.address == "https://eu-central-1.console.amazonaws.cn"
    error_message = "which is another one in China"
  }
}

run "refuses_what_is_no_mailbox" {
  command = plan
  variables {
    notifications = { emails = ["backups"] }
  }
  expect_failures = [var.notifications]
}

run "watches_over_file_systems" {
  variables {
    efs = {
      service      = "holdfast-efs"
      function     = "holdfast-efs-orchestrator"
      dead_letters = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-efs-dead-letters", name = "holdfast-efs-dead-letters" }
      file_systems = {
        home   = { source_id = "fs-1", vault_id = "fs-2", stale_hours = 48, is_scheduled = true }
        paused = { source_id = "fs-3", vault_id = "fs-4", stale_hours = 48, is_scheduled = false }
      }
    }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.file_system_stale["home"].threshold == 48 && aws_cloudwatch_metric_alarm.file_system_stale["home"].treat_missing_data == "breaching"
    error_message = "an alarm is raised when backups are missing, and when the check does not run"
  }
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.file_system_stale) == ["home"] && keys(aws_cloudwatch_metric_alarm.file_system_failed) == ["home", "paused"]
    error_message = "of what should be backed up; and when one fails, also by hand"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.file_system_stale["home"].dimensions == tomap({ service = "holdfast-efs", fileSystem = "home" })
    error_message = "by the metrics of that file system"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.efs_dead_letters[0].dimensions == tomap({ QueueName = "holdfast-efs-dead-letters" })
    error_message = "and when an event was lost"
  }
  assert {
    condition = alltrue([
      for metric in ["BackupDuration", "BytesTransferred", "FilesTransferred", "BurstCreditBalance", "PermittedThroughput"] :
      strcontains(aws_cloudwatch_dashboard.overview[0].dashboard_body, metric)
    ])
    error_message = "the dashboard shows duration, bytes, files, burst credits and throughput"
  }
}

run "has_a_dashboard_for_file_systems_alone" {
  variables {
    sources = {}
    efs = {
      service      = "holdfast-efs"
      function     = "holdfast-efs-orchestrator"
      dead_letters = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-efs-dead-letters", name = "holdfast-efs-dead-letters" }
      file_systems = { home = { source_id = "fs-1", vault_id = "fs-2", stale_hours = 48, is_scheduled = true } }
    }
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.overview) == 1 && length(jsondecode(aws_cloudwatch_dashboard.overview[0].dashboard_body).widgets) == 4
    error_message = "one row"
  }
}

run "watches_over_no_copies_that_are_not_made" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.replication) == 0
    error_message = "without replication there is nothing to measure"
  }
}

run "watches_over_the_copies_of_the_vault" {
  variables {
    replication = { source_bucket = "vault", destination_bucket = "copy", rule = "everything" }
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.replication : alarm.alarm_name => [alarm.metric_name, alarm.threshold] } == {
      holdfast-replication-failed = ["OperationsFailedReplication", 0]
      holdfast-replication-late   = ["ReplicationLatency", 43200]
    }
    error_message = "whether they fail and whether they lag"
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.replication :
      alarm.dimensions == tomap({ SourceBucket = "vault", DestinationBucket = "copy", RuleId = "everything" }) && alarm.alarm_actions == toset([aws_sns_topic.notifications.arn])
    ])
    error_message = "as S3 measures them, and the alarm notifies"
  }
}
