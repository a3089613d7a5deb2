# All by plan: what must not be destroyed could not be cleared away after an apply either.
mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan

  override_resource {
    target = aws_s3_bucket.logs
    values = { id = "holdfast-efs-logs-123456789012-eu-central-1", arn = "arn:aws:s3:::holdfast-efs-logs-123456789012-eu-central-1" }
  }
  override_resource {
    target = aws_s3_bucket.artifacts
    values = { id = "holdfast-efs-artifacts-123456789012-eu-central-1", arn = "arn:aws:s3:::holdfast-efs-artifacts-123456789012-eu-central-1" }
  }
  override_resource {
    target = aws_dynamodb_table.backups
    values = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/holdfast-efs" }
  }
}

variables {
  name = "holdfast"
  efs = {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
    file_systems = {
      home = { source = { file_system_id = "fs-0123456789abcdef0" } }
      wiki = {
        source   = { file_system_id = "fs-11111111", access_point = "fsap-22222222" }
        vault    = { file_system_id = "fs-33333333" }
        interval = "weekly", retain = 4, prefix = "/pages", window_minutes = 60, workers = 8, margin_hours = 12
        network  = { vpc_id = "vpc-2", subnet_ids = ["subnet-3", "subnet-4"] }
      }
    }
  }
  artifacts = "../../tests/artifacts"
  notifications = {
    topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
    key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days = 90
  }
}

run "tells_the_orchestrator_what_it_must_know" {
  command = plan

  assert {
    condition = jsonencode(local.settings) == jsonencode({
      home = {
        source = { id = "fs-0123456789abcdef0" }, vault = { id = "fs-0fedcba9876543210" }, group = "holdfast-efs-home"
        hooks  = { launch = "launch", terminate = "terminate" }, label = "efs-backup", interval = "daily", retain = 7, windowMinutes = 180
      }
      wiki = {
        source = { id = "fs-11111111", accessPoint = "fsap-22222222" }, vault = { id = "fs-33333333" }, group = "holdfast-efs-wiki"
        hooks  = { launch = "launch", terminate = "terminate" }, label = "efs-backup", interval = "weekly", retain = 4, windowMinutes = 60, prefix = "/pages", workers = 8
      }
    })
    error_message = "of each file system, with the defaults of the old template"
  }
  assert {
    condition     = local.function_arn == "arn:aws:lambda:eu-central-1:123456789012:function:holdfast-efs-orchestrator:schedule" && output.efs.function.name == "holdfast-efs-orchestrator"
    error_message = "and by which name its reminders reach it"
  }
}

run "keeps_its_books_safe" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.backups.ttl[0].attribute_name == "ExpireItem" && aws_dynamodb_table.backups.ttl[0].enabled
    error_message = "records expire"
  }
  assert {
    condition     = aws_dynamodb_table.backups.server_side_encryption[0].enabled && aws_dynamodb_table.backups.point_in_time_recovery[0].enabled
    error_message = "encrypted, and recoverable"
  }
  assert {
    condition     = !coalesce(aws_s3_bucket.logs.force_destroy, false) && strcontains(regex("(?s)resource \"aws_s3_bucket\" \"logs\" .*?\n}\n", file("records.tf")), "prevent_destroy = true")
    error_message = "results and logs stay when the deployment goes"
  }
}

run "starts_backups_by_schedule" {
  command = plan

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.backup : name => [schedule.name, schedule.schedule_expression, schedule.state] } == {
      home = ["holdfast-efs-home", "cron(0 2 * * ? *)", "ENABLED"]
      wiki = ["holdfast-efs-wiki", "cron(0 2 ? * SUN *)", "ENABLED"]
    }
    error_message = "as often as the interval says"
  }
  assert {
    condition     = aws_scheduler_schedule.backup["home"].target[0].input == "{\"action\":\"start\",\"asked\":\"<aws.scheduler.scheduled-time>\",\"fileSystem\":\"home\"}"
    error_message = "with the time, as the scheduler fills it in"
  }
  assert {
    condition     = alltrue([for schedule in values(aws_scheduler_schedule.backup) : schedule.target[0].arn == output.efs.function.aliases["schedule"] && schedule.target[0].dead_letter_config[0].arn == output.efs.dead_letters.arn])
    error_message = "at the alias, and what cannot start is kept"
  }
  assert {
    condition     = aws_scheduler_schedule.janitor.schedule_expression == "rate(15 minutes)" && jsondecode(aws_scheduler_schedule.janitor.target[0].input) == { action = "janitor" }
    error_message = "and cleans up after itself"
  }
}

run "hears_of_its_own_instances" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.events["instances"].event_pattern).detail.AutoScalingGroupName == ["holdfast-efs-home", "holdfast-efs-wiki"]
    error_message = "and of no others"
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["finished"].event_pattern) == {
      account = ["123456789012"], source = ["holdfast.efs"], "detail-type" = ["EFS Task Finished"]
    }
    error_message = "and of the ends of their tasks"
  }
  assert {
    condition = alltrue([for name, permission in aws_lambda_permission.events :
      permission.qualifier == "live" && permission.principal == "events.amazonaws.com" && permission.source_arn == aws_cloudwatch_event_rule.events[name].arn
    ])
    error_message = "by the alias, from these rules"
  }
}

run "grants_the_orchestrator_what_it_does" {
  command = plan

  assert {
    condition = { for statement in data.aws_iam_policy_document.drive.statement : statement.sid => statement.resources if !contains(statement.resources, "*") } == {
      Groups            = toset([for name in ["home", "wiki"] : "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/holdfast-efs-${name}"])
      StopByCommand     = toset(["arn:aws:ssm:eu-central-1:123456789012:document/holdfast-efs-stop"])
      StopOnInstances   = toset(["arn:aws:ec2:eu-central-1:123456789012:instance/*"])
      LookAtFileSystems = toset(["arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/*"])
      Reminders         = toset(["arn:aws:scheduler:eu-central-1:123456789012:schedule/holdfast-efs-tasks/*"])
      PassScheduleRole  = toset([aws_iam_role.scheduler.arn])
    }
    error_message = "on what is its own"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.drive.statement :
      statement.sid == "StopOnInstances" && anytrue([for condition in statement.condition : toset(condition.values) == toset(["holdfast-efs-home", "holdfast-efs-wiki"])])
    ])
    error_message = "commands reach instances of its groups only"
  }
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.drive.statement : tolist(statement.actions) if contains(statement.resources, "*")
    ])) == toset(["autoscaling:DescribeAutoScalingGroups", "ssm:GetCommandInvocation", "cloudwatch:GetMetricStatistics"])
    error_message = "everything is granted only where AWS knows nothing narrower"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.records.statement : [statement.actions, statement.resources]] == [
      [toset(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Scan"]), toset(["arn:aws:dynamodb:eu-central-1:123456789012:table/holdfast-efs"])],
      [toset(["s3:GetObject"]), toset(["arn:aws:s3:::holdfast-efs-logs-123456789012-eu-central-1/efs/results/*"])],
      [toset(["s3:ListBucket"]), toset(["arn:aws:s3:::holdfast-efs-logs-123456789012-eu-central-1"])],
    ]
    error_message = "it reads results and writes none"
  }
}

run "lets_the_orchestrator_read_the_addresses_of_notifications_where_they_are" {
  command = plan
  variables {
    notifications = {
      topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
      key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
      secret    = { name = "prod/notify", arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/notify-??????" }
    }
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.notify.statement : [statement.actions, statement.resources] if startswith(statement.sid, "ReadA")] == [
      [toset(["secretsmanager:GetSecretValue"]), toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/notify-??????"])],
    ]
    error_message = "and no other secret"
  }
}

run "has_one_command_that_takes_no_parameters" {
  command = plan

  assert {
    condition = (
      !can(jsondecode(aws_ssm_document.stop.content).parameters) &&
      [for step in jsondecode(aws_ssm_document.stop.content).mainSteps : step.inputs.runCommand] == [["systemctl stop holdfast-efs"]]
    )
    error_message = "who may send it can have nothing else done"
  }
}

run "lets_schedules_in_by_their_own_alias" {
  command = plan

  assert {
    condition     = [for statement in data.aws_iam_policy_document.scheduler.statement : statement.resources if contains(statement.actions, "lambda:InvokeFunction")] == [toset(["arn:aws:lambda:eu-central-1:123456789012:function:holdfast-efs-orchestrator:schedule"])]
    error_message = "by which no restore can be started"
  }
}

run "names_the_program_by_its_content" {
  command = plan

  assert {
    condition     = aws_s3_object.program.key == "holdfast-${substr(filesha256("../../tests/artifacts/holdfast.mjs"), 0, 16)}.mjs" && local.program.sha256 == filesha256("../../tests/artifacts/holdfast.mjs")
    error_message = "which instances compare"
  }
}

run "is_watched" {
  command = plan

  assert {
    condition = output.observed == {
      service      = "holdfast-efs"
      function     = "holdfast-efs-orchestrator"
      dead_letters = output.efs.dead_letters
      file_systems = {
        home = { source_id = "fs-0123456789abcdef0", vault_id = "fs-0fedcba9876543210", stale_hours = 48, is_scheduled = true }
        wiki = { source_id = "fs-11111111", vault_id = "fs-33333333", stale_hours = 180, is_scheduled = true }
      }
    }
    error_message = "each by its own interval"
  }
}

run "refuses_a_window_that_is_too_short" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" }, window_minutes = 59 } }
    }
  }
  expect_failures = [var.efs]
}

run "refuses_to_keep_nothing" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" }, retain = 0 } }
    }
  }
  expect_failures = [var.efs]
}

run "refuses_a_label_that_is_a_path" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" }, label = "../home" } }
    }
  }
  expect_failures = [var.efs]
}

run "refuses_an_unknown_interval" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" }, interval = "hourly" } }
    }
  }
  expect_failures = [var.efs]
}

run "refuses_to_be_nowhere" {
  command = plan
  variables {
    efs = { file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" } } } }
  }
  expect_failures = [var.efs]
}

run "refuses_more_than_the_function_can_be_told" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] : name => { source = { file_system_id = "fs-0123456789abcdef0" } } }
    }
  }
  expect_failures = [var.efs]
}
