mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "holdfast"
  source_name = "github"
  environment = { HOLDFAST_SECRET = "prod/github-backup" }
  policies    = { list = { listing = "{}" }, read = { reading = "{}" } }
  vault       = { bucket = "vault", arn = "arn:aws:s3:::vault" }
  artifacts   = "../../tests/artifacts"
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

run "names_everything_by_deployment_and_source" {
  assert {
    condition = { for step, function in output.deployed.functions : step => function.name } == {
      inventory = "holdfast-github-inventory"
      backup    = "holdfast-github-backup"
      report    = "holdfast-github-report"
      retention = "holdfast-github-retention"
      drill     = "holdfast-github-drill"
    }
    error_message = "functions have the deployment's and the source's name"
  }
  assert {
    condition     = output.deployed.state_machine.name == "holdfast-github" && output.deployed.build.name == "holdfast-github" && output.name == "holdfast-github"
    error_message = "and so do the state machine and the project"
  }
}

run "names_another_source" {
  command = plan
  variables {
    source_name = "codecommit"
  }

  assert {
    condition     = output.deployed.functions.backup.name == "holdfast-codecommit-backup" && output.observed.service == "holdfast-codecommit"
    error_message = "by its own name"
  }
}

run "tells_the_functions_what_they_need" {
  assert {
    condition = output.environment == {
      HOLDFAST_SOURCE              = "github"
      HOLDFAST_SECRET              = "prod/github-backup"
      HOLDFAST_BUCKET              = "vault"
      POWERTOOLS_SERVICE_NAME      = "holdfast-github"
      POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
    }
    error_message = "what the source says, and where to"
  }
}

run "gives_each_function_what_it_needs" {
  assert {
    condition = { for function, policies in local.policies : function => toset(keys(policies)) } == {
      inventory = toset(["listing", "vault", "files"])
      backup    = toset(["reading", "vault"])
      report    = toset(["notify", "vault", "files"])
      retention = toset(["vault"])
      drill     = toset(["notify", "vault"])
    }
    error_message = "only the inventory lists, only backups read, only report and drill notify"
  }
  assert {
    condition     = output.policies.backup == local.policies.backup && output.policies.notify == data.aws_iam_policy_document.notify.json
    error_message = "and further functions that back up can have the same"
  }
}

run "keeps_the_working_files_of_runs_in_a_bucket_of_its_own" {
  assert {
    condition = { for name, document in {
      list = data.aws_iam_policy_document.list_items, map = data.aws_iam_policy_document.map_items, read = data.aws_iam_policy_document.read_results
      } : name => toset(flatten([for statement in document.statement : [for action in statement.actions : [for resource in statement.resources : "${action} ${resource}"]]])) } == {
      list = toset(["s3:PutObject ${module.codebuild.artifacts.arn}/runs/github/*"])
      map = toset([
        for action in ["GetObject", "PutObject", "ListMultipartUploadParts", "AbortMultipartUpload"] : "s3:${action} ${module.codebuild.artifacts.arn}/runs/github/*"
      ])
      read = toset(["s3:GetObject ${module.codebuild.artifacts.arn}/runs/github/*"])
    }
    error_message = "the list of items and the results of the map, away from the program"
  }
  assert {
    condition     = one([for condition in data.aws_iam_policy_document.list_items.statement[0].condition : condition.variable]) == "s3:if-none-match"
    error_message = "a list that is there is not replaced"
  }
}

run "removes_nothing_from_the_vault_of_another_account" {
  variables {
    vault = { bucket = "vault", arn = "arn:aws:s3:::vault", account_id = "210987654321" }
  }

  assert {
    condition     = length(module.retention) == 0 && sort(keys(output.deployed.functions)) == tolist(["backup", "inventory", "report"])
    error_message = "which prunes its vault itself"
  }
}

run "notifies_one_topic_by_its_key" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.notify.statement : [statement.actions, statement.resources]] == [
      [toset(["sns:Publish"]), toset(["arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"])],
      [toset(["kms:GenerateDataKey", "kms:Decrypt"]), toset(["arn:aws:kms:eu-central-1:123456789012:key/notifications"])],
    ]
    error_message = "and does nothing else with either"
  }
}

run "knows_no_addresses_where_there_are_none" {
  command = plan

  assert {
    condition     = length(data.aws_iam_policy_document.tell.statement) == 0 && !contains(keys(local.telling), "HOLDFAST_NOTIFY_SECRET")
    error_message = "and then no secret is granted"
  }
}

run "lets_report_and_drill_alone_read_the_addresses_of_notifications" {
  command = plan
  variables {
    notifications = {
      topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
      key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
      secret = {
        name    = "prod/notify"
        arn     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/notify-??????"
        key_arn = "arn:aws:kms:eu-central-1:123456789012:key/addresses"
      }
    }
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.tell.statement : [statement.actions, statement.resources]] == [
      [toset(["secretsmanager:GetSecretValue"]), toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/notify-??????"])],
      [toset(["kms:Decrypt"]), toset(["arn:aws:kms:eu-central-1:123456789012:key/addresses"])],
    ]
    error_message = "by its own key, and no other secret"
  }
  assert {
    condition     = local.telling.HOLDFAST_NOTIFY_SECRET == "prod/notify" && !contains(keys(local.environment), "HOLDFAST_NOTIFY_SECRET")
    error_message = "whose name they are told, and no other function"
  }
}

run "restores_what_builds_store_where_that_is_wanted" {
  command = plan
  variables {
    run = { codebuild = { check_objects = true } }
  }

  assert {
    condition     = local.build_environment.HOLDFAST_CHECK_OBJECTS == "true"
    error_message = "each snapshot that a build makes"
  }
}

run "keeps_five_years_by_default" {
  assert {
    condition     = local.retention == { keepLast = 3, days = 1825, daily = 0, weekly = 0, monthly = 0, yearly = 0, keepVerified = 1, dryRun = false }
    error_message = "of everything"
  }
}

run "keeps_what_it_is_told" {
  variables {
    run = { retention = { keep_last = 2, days = 90, daily = 7, weekly = 5, monthly = 24, yearly = 10, keep_verified = 2, dry_run = true } }
  }

  assert {
    condition     = local.retention == { keepLast = 2, days = 90, daily = 7, weekly = 5, monthly = 24, yearly = 10, keepVerified = 2, dryRun = true }
    error_message = "each of them"
  }
}

run "takes_nulls_for_defaults" {
  command = plan
  variables {
    run = { schedule = null, interval_hours = null, margin_hours = null, concurrency = null, memory_mb = null, backup = null, codebuild = null, retention = null }
  }

  assert {
    condition     = var.run.margin_hours == 48 && var.run.concurrency == 10 && var.run.memory_mb == 512 && var.run.backup.memory_mb == 512 && var.run.retention.days == 1825
    error_message = "since the modules of sources pass on what was not set"
  }
}

run "is_fresh_for_the_interval_of_its_schedule" {
  assert {
    condition     = output.observed.interval_hours == 744 && output.observed.margin_hours == 48
    error_message = "a month and two days"
  }
  assert {
    condition     = output.observed.state_machine.name == "holdfast-github" && output.observed.dead_letters == output.deployed.dead_letters
    error_message = "by what is watched"
  }
}

run "takes_a_given_interval" {
  variables {
    run = { schedule = { expression = "cron(0 4 1 */2 ? *)" }, interval_hours = 1488 }
  }

  assert {
    condition     = output.observed.interval_hours == 1488
    error_message = "where the schedule does not tell"
  }
}

run "asks_for_the_interval_that_it_cannot_guess" {
  command = plan
  variables {
    run = { schedule = { expression = "cron(0 4 1 */3 ? *)" } }
  }
  expect_failures = [output.observed]
}

run "refuses_to_keep_nothing" {
  command = plan
  variables {
    run = { retention = { keep_last = 0 } }
  }
  expect_failures = [var.run]
}

run "refuses_half_a_day" {
  command = plan
  variables {
    run = { retention = { days = 0.5 } }
  }
  expect_failures = [var.run]
}

run "refuses_no_margin" {
  command = plan
  variables {
    run = { margin_hours = 0 }
  }
  expect_failures = [var.run]
}

run "refuses_an_interval_of_nothing" {
  command = plan
  variables {
    run = { interval_hours = 0 }
  }
  expect_failures = [var.run]
}

run "refuses_to_be_told_its_own_name" {
  command = plan
  variables {
    environment = { HOLDFAST_SOURCE = "codecommit" }
  }
  expect_failures = [var.environment]
}

run "refuses_another_policy_for_the_working_files" {
  command = plan
  variables {
    policies = { list = { files = "{}" }, read = {} }
  }
  expect_failures = [var.policies]
}

run "refuses_another_policy_for_the_vault" {
  command = plan
  variables {
    policies = { list = { vault = "{}" }, read = {} }
  }
  expect_failures = [var.policies]
}

run "drills_every_week_by_default" {
  assert {
    condition     = output.observed.drills.name == "holdfast-github-drill" && output.observed.drills.interval_hours == 7 * 24
    error_message = "and is watched for it"
  }
}

run "drills_nothing_where_that_is_switched_off" {
  command = plan
  variables {
    run = { drill = { enabled = false } }
  }

  assert {
    condition     = output.observed.drills == null && !contains(keys(output.deployed.functions), "drill")
    error_message = "and is not watched for it"
  }
}

run "refuses_a_drill_that_never_starts" {
  command = plan
  variables {
    run = { drill = { expression = "weekly" } }
  }
  expect_failures = [var.run]
}
