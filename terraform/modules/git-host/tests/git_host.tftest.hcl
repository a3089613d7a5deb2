mock_provider "aws" {
  source = "../../tests/mocks"

  override_data {
    target = data.aws_secretsmanager_secret.settings
    values = { name = "prod/github-backup", kms_key_id = "" }
  }
}

variables {
  name        = "holdfast"
  source_name = "github"
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
    condition     = output.deployed.state_machine.name == "holdfast-github" && output.deployed.build.name == "holdfast-github"
    error_message = "and so do the state machine and the project"
  }
}

run "looks_the_secret_up_and_reads_it_never" {
  assert {
    condition = one([for statement in data.aws_iam_policy_document.secret.statement : statement.resources]) == toset([
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/github-backup-??????",
    ])
    error_message = "that one secret is granted, by the six characters that AWS adds"
  }
  assert {
    condition     = length(data.aws_kms_key.secret) == 0
    error_message = "and no key, where it has none of its own"
  }
  assert {
    condition     = length([for file in fileset(".", "**/*.tf") : file if strcontains(file(file), "secret_version\"")]) == 0 && output.deployed.secret_name == "prod/github-backup"
    error_message = "no file reads the value of a secret: it would end up in the state"
  }
}

run "lets_a_secrets_own_key_be_used" {
  override_data {
    target = data.aws_secretsmanager_secret.settings
    values = { name = "prod/github-backup", kms_key_id = "alias/secrets" }
  }

  assert {
    condition     = contains(flatten([for statement in data.aws_iam_policy_document.secret.statement : tolist(statement.resources)]), data.aws_kms_key.secret[0].arn)
    error_message = "who reads the secret may decrypt it"
  }
}

run "tells_the_functions_what_they_need_and_nothing_secret" {
  assert {
    condition = module.source.environment == {
      HOLDFAST_SOURCE              = "github"
      HOLDFAST_SECRET              = "prod/github-backup"
      HOLDFAST_BUCKET              = "vault"
      POWERTOOLS_SERVICE_NAME      = "holdfast-github"
      POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
    }
    error_message = "the name of the secret, not its value"
  }
}

run "keeps_to_its_place_in_the_vault" {
  variables {
    host = { prefix = "backups" }
  }

  assert {
    condition     = module.source.environment.HOLDFAST_PREFIX == "backups"
    error_message = "and tells the functions, which refuse a secret that says another"
  }
}

run "refuses_a_wildcard_in_the_prefix" {
  command = plan
  variables {
    host = { prefix = "backups/*" }
  }
  expect_failures = [var.host]
}

run "is_fresh_for_the_interval_of_its_schedule" {
  assert {
    condition     = output.observed.interval_hours == 744 && output.observed.margin_hours == 48
    error_message = "a month and two days"
  }
}

run "lets_functions_read_the_secret_that_reach_the_source" {
  assert {
    condition     = toset(keys(module.source.policies.backup)) == toset(["secret", "vault"])
    error_message = "beside the vault they reach nothing"
  }
}

run "passes_settings_of_runs_on" {
  variables {
    host = { schedule = { expression = "rate(1 day)" }, margin_hours = 12 }
  }

  assert {
    condition     = output.observed.interval_hours == 24 && output.observed.margin_hours == 12
    error_message = "to the module source"
  }
}

run "refuses_an_arn_for_a_name" {
  command = plan
  variables {
    host = { secret_name = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/github-backup-abcdef" }
  }
  expect_failures = [var.host]
}

run "backs_up_any_host_by_a_secret_of_its_own" {
  override_data {
    target = data.aws_secretsmanager_secret.settings
    values = { name = "prod/gitlab-backup", kms_key_id = "" }
  }
  variables {
    source_name = "gitlab"
  }

  assert {
    condition     = module.source.environment.HOLDFAST_SOURCE == "gitlab" && module.source.environment.HOLDFAST_SECRET == "prod/gitlab-backup"
    error_message = "the functions are told the source and its secret"
  }
  assert {
    condition = one([for statement in data.aws_iam_policy_document.secret.statement : statement.resources]) == toset([
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/gitlab-backup-??????",
    ])
    error_message = "and may read that one alone"
  }
}
