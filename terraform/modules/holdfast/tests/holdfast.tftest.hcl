# All by plan: the vault must not be destroyed, so it could not be cleared away after an apply either.
mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

# Each is set, so that the settings of the user who runs this do not count.
variables {
  name          = "holdfast"
  artifacts     = "../../tests/artifacts"
  vault         = {}
  notifications = {}
  github        = null
  codecommit    = null
  codeartifact  = null
  network       = null
  git_hosts     = {}
}

run "deploys_no_source_that_is_not_asked_for" {
  command = plan

  assert {
    condition     = length(module.git_host) == 0 && output.github == null && length(module.codecommit) == 0 && output.codecommit == null && length(module.codeartifact) == 0 && output.codeartifact == null && output.efs == null && output.dashboard == null
    error_message = "without a source there is no pipeline"
  }
  assert {
    condition     = output.vault.location == "s3://holdfast-vault-123456789012-eu-central-1/"
    error_message = "but a vault"
  }
  assert {
    condition     = output.vault.locations == { github = null, codecommit = null, codeartifact = null }
    error_message = "and no source has a place in it"
  }
}

run "deploys_github_with_all_defaults" {
  command = plan
  variables {
    github = {}
  }

  assert {
    condition     = output.vault.locations.github == "s3://holdfast-vault-123456789012-eu-central-1/"
    error_message = "the location works with --vault as it stands"
  }

  assert {
    condition     = length(module.git_host) == 1 && output.github.next_run == "on the 1. of every month at 01:01 UTC, within 60 minutes"
    error_message = "an empty object takes all defaults"
  }
  assert {
    condition     = module.git_host["github"].deployed.functions.backup.name == "holdfast-github-backup"
    error_message = "named by the deployment"
  }
}

run "deploys_codecommit_with_all_defaults" {
  command = plan
  variables {
    codecommit = {}
  }

  assert {
    condition     = length(module.git_host) == 0 && output.codecommit.next_run == "every day at 02:00 UTC, within 60 minutes"
    error_message = "an empty object takes all defaults, and needs no other source"
  }
  assert {
    condition     = module.codecommit[0].codecommit.functions.backup.name == "holdfast-codecommit-backup" && output.codecommit.regions == tolist(["eu-central-1"])
    error_message = "named by the deployment, in its region"
  }
  assert {
    condition     = !output.codecommit.events && !contains(keys(output.codecommit.commands), "follow_events")
    error_message = "by schedule alone"
  }
}

run "deploys_codeartifact_with_all_defaults" {
  command = plan
  variables {
    codeartifact = {}
  }

  assert {
    condition     = length(module.codecommit) == 0 && output.codeartifact.next_run == "every day at 03:00 UTC, within 60 minutes"
    error_message = "an empty object takes all defaults, and needs no other source"
  }
  assert {
    condition     = module.codeartifact[0].codeartifact.functions.backup.name == "holdfast-codeartifact-backup" && output.codeartifact.regions == tolist(["eu-central-1"])
    error_message = "named by the deployment, in its region"
  }
  assert {
    condition     = output.codeartifact.events && output.codeartifact.commands.follow_events == "aws logs tail --region eu-central-1 --follow /aws/lambda/holdfast-codeartifact-on-event"
    error_message = "it hears of what is published"
  }
}

run "passes_settings_of_codeartifact_on" {
  command = plan
  variables {
    codeartifact = {
      regions      = ["eu-west-1"]
      filters      = [{ domain = "company", repositories = ["libraries"], formats = ["maven"] }, { domain = "partner", owner = "210987654321" }]
      external     = true
      share        = 0.25
      project      = "shop"
      prefix       = "packages"
      schedule     = { expression = "rate(2 days)" }
      margin_hours = 12
      events       = false
    }
  }

  assert {
    condition = alltrue([
      module.codeartifact[0].observed.interval_hours == 48, module.codeartifact[0].observed.margin_hours == 12,
      output.codeartifact.regions == tolist(["eu-west-1"]), !output.codeartifact.events, !contains(keys(output.codeartifact.commands), "follow_events"),
    ])
    error_message = "to the source"
  }
  assert {
    condition = (
      var.codeartifact.external && var.codeartifact.share == 0.25 && var.codeartifact.project == "shop" && var.codeartifact.prefix == "packages" &&
      var.codeartifact.filters[1].owner == "210987654321" && var.codeartifact.filters[0].repositories == tolist(["libraries"]) && var.codeartifact.filters[0].formats == tolist(["maven"])
    )
    error_message = "a setting that the root does not know would be left out without a word"
  }
}

run "deploys_all_sources_side_by_side" {
  command = plan
  variables {
    github       = {}
    codecommit   = { events = true }
    codeartifact = {}
  }

  assert {
    condition     = module.git_host["github"].deployed.state_machine.name == "holdfast-github" && module.codecommit[0].codecommit.state_machine.name == "holdfast-codecommit"
    error_message = "each with its own state machine"
  }
  assert {
    condition     = keys(module.observability.checks) == ["codeartifact", "codecommit", "github"]
    error_message = "and all are watched"
  }
  assert {
    condition     = output.codecommit.events && output.codecommit.commands.follow_events == "aws logs tail --region eu-central-1 --follow /aws/lambda/holdfast-codecommit-on-event"
    error_message = "CodeCommit hears of pushes"
  }
}

run "deploys_efs_with_all_defaults" {
  command = plan
  variables {
    efs = {
      network      = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
      file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" } } }
    }
  }

  assert {
    condition     = module.efs[0].efs.function.name == "holdfast-efs-orchestrator" && output.efs.file_systems["home"].schedule == "cron(0 2 * * ? *) UTC"
    error_message = "a file system and a network are all it takes"
  }
  assert {
    condition     = output.dashboard != null && output.efs.file_systems["home"].vault == "fs-0fedcba9876543210"
    error_message = "it is watched, and has its own file system for snapshots"
  }
  assert {
    condition     = output.efs.next_run == "home: by cron(0 2 * * ? *) in UTC" && output.efs.commands["run_home_now"] == "npx --no-install holdfast run efs/home --deployment holdfast"
    error_message = "it says when it begins, and how to begin at once"
  }
}

run "stands_beside_another_deployment" {
  command = plan
  variables {
    name   = "second"
    github = {}
  }

  assert {
    condition     = module.git_host["github"].deployed.state_machine.name == "second-github" && output.vault.bucket == "second-vault-123456789012-eu-central-1"
    error_message = "all names come from the deployment's"
  }
}

run "knows_no_secret_of_addresses_by_default" {
  command = plan

  assert {
    condition     = local.notifications.secret == null && length(data.aws_secretsmanager_secret.addresses) == 0
    error_message = "and reads none"
  }
}

run "names_the_secret_of_addresses_to_all_that_send" {
  command = plan
  override_data {
    target = data.aws_secretsmanager_secret.addresses[0]
    values = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/holdfast-notifications-aBcDeF", kms_key_id = "alias/mine" }
  }
  variables {
    notifications = { secret_name = "prod/holdfast-notifications" }
    github        = {}
    efs           = { file_systems = { home = { source = { file_system_id = "fs-0123456789abcdef0" } } }, network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] } }
  }

  assert {
    condition     = local.notifications.secret.name == "prod/holdfast-notifications" && endswith(local.notifications.secret.arn, ":prod/holdfast-notifications-??????")
    error_message = "by its name, and by its ARN without what Secrets Manager adds to that"
  }
  assert {
    condition     = endswith(local.notifications.secret.key_arn, ":key/5ec4e700-0000-4000-8000-000000000000")
    error_message = "and its own key"
  }
}

run "passes_settings_on" {
  command = plan
  variables {
    github = { schedule = { expression = "rate(1 day)" }, margin_hours = 12 }
    vault  = { bucket = "acme-backups" }
  }

  assert {
    condition     = module.git_host["github"].observed.interval_hours == 24 && module.git_host["github"].observed.margin_hours == 12
    error_message = "to the source"
  }
  assert {
    condition     = output.vault.bucket == "acme-backups"
    error_message = "and to the vault"
  }
}

run "passes_settings_of_codecommit_on" {
  command = plan
  variables {
    codecommit = { regions = ["eu-west-1"], schedule = { expression = "rate(2 days)" }, margin_hours = 12 }
  }

  assert {
    condition     = module.codecommit[0].observed.interval_hours == 48 && module.codecommit[0].observed.margin_hours == 12 && output.codecommit.regions == tolist(["eu-west-1"])
    error_message = "to the source"
  }
}

run "passes_other_accounts_and_the_project_on" {
  command = plan
  variables {
    codecommit = { project = "shop", roles = [{ arn = "arn:aws:iam::210987654321:role/reader" }] }
  }

  assert {
    condition     = var.codecommit.project == "shop" && var.codecommit.roles[0].arn == "arn:aws:iam::210987654321:role/reader" && length(module.codecommit) == 1
    error_message = "a setting that the root does not know would be left out without a word"
  }
}

run "uses_the_vault_of_another_account" {
  command = plan
  variables {
    vault      = { existing = true, bucket = "acme-backups", account_id = "210987654321" }
    codecommit = { prefix = "123456789012" }
  }

  assert {
    condition     = output.vault.location == "s3://acme-backups/"
    error_message = "without looking at it"
  }
}

run "refuses_a_folder_without_a_build" {
  command = plan
  variables {
    artifacts = "tests"
  }
  expect_failures = [var.artifacts]
}

run "refuses_a_name_that_makes_others_too_long" {
  command = plan
  variables {
    name = "fifteen-letters"
  }
  expect_failures = [var.name]
}

run "refuses_a_name_that_is_part_of_anothers" {
  command = plan
  variables {
    name = "e2e-github"
  }
  expect_failures = [var.name]
}

run "refuses_a_name_that_codeartifact_makes_too_long" {
  command = plan
  variables {
    name         = "thirteen-long"
    codeartifact = {}
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_runtime_that_is_not_node" {
  command = plan
  variables {
    lambda_runtime = "python3.13"
  }
  expect_failures = [var.lambda_runtime]
}

run "refuses_days_that_cloudwatch_does_not_know" {
  command = plan
  variables {
    log_retention_days = 91
  }
  expect_failures = [var.log_retention_days]
}

run "refuses_an_unknown_processor" {
  command = plan
  variables {
    architecture = "arm"
  }
  expect_failures = [var.architecture]
}

run "removes_nothing_from_the_vault_of_another_account" {
  command = plan
  variables {
    codecommit = {}
    vault      = { bucket = "acme-backups", existing = true, account_id = "210987654321" }
  }

  assert {
    condition     = sort(keys(module.codecommit[0].codecommit.functions)) == tolist(["backup", "inventory", "report"])
    error_message = "and has no function for it"
  }
}

run "refuses_a_retention_that_another_account_has_to_keep" {
  command = plan
  variables {
    github       = { retention = { days = 30 } }
    codecommit   = { retention = { keep_last = 5 } }
    codeartifact = { retention = { days = 90 } }
    vault        = { bucket = "acme-backups", existing = true, account_id = "210987654321" }
  }
  expect_failures = [var.github, var.codecommit, var.codeartifact]
}

run "connects_everything_to_the_vpc_that_is_named" {
  command = plan
  variables {
    github     = {}
    codecommit = { events = true }
    network    = { subnet_ids = ["subnet-0a1b", "subnet-0c2d"], security_group_ids = ["sg-0a1b"] }
  }
  override_data {
    target = data.aws_subnet.network[0]
    values = { vpc_id = "vpc-0a1b" }
  }

  assert {
    condition     = local.platform.network == { vpc_id = "vpc-0a1b", subnet_ids = tolist(["subnet-0a1b", "subnet-0c2d"]), security_group_ids = tolist(["sg-0a1b"]) }
    error_message = "which follows from its subnets"
  }
}

run "refuses_subnets_that_are_none" {
  command = plan
  variables {
    network = { subnet_ids = ["vpc-0a1b"], security_group_ids = [] }
  }
  expect_failures = [var.network]
}

run "deploys_further_git_hosts_as_github" {
  command = plan
  variables {
    github    = {}
    git_hosts = { gitlab = { prefix = "gitlab" }, gitea = { secret_name = "forge" } }
  }

  assert {
    condition     = toset(keys(module.git_host)) == toset(["github", "gitlab", "gitea"]) && toset(keys(output.git_hosts)) == toset(["gitlab", "gitea"])
    error_message = "each by its own name"
  }
  assert {
    condition     = module.git_host["gitlab"].deployed.state_machine.name == "holdfast-gitlab" && output.git_hosts.gitlab.next_run == output.github.next_run
    error_message = "with the same defaults"
  }
  assert {
    condition     = output.vault.locations.gitlab == "s3://holdfast-vault-123456789012-eu-central-1/gitlab" && output.vault.locations.gitea == "s3://holdfast-vault-123456789012-eu-central-1/"
    error_message = "in the same vault"
  }
}

run "refuses_a_git_host_that_no_source_is_for" {
  command = plan
  variables {
    git_hosts = { bitbucket = {} }
  }
  expect_failures = [var.git_hosts]
}

run "takes_the_artifacts_that_are_meant" {
  command = plan
  variables {
    artifacts_digest = filesha256("../../tests/artifacts/SHA256SUMS")
  }

  assert {
    condition     = output.github == null
    error_message = "a plan is made"
  }
}

run "refuses_artifacts_of_another_release" {
  command = plan
  variables {
    artifacts_digest = "0000000000000000000000000000000000000000000000000000000000000000"
  }
  expect_failures = [aws_lambda_layer_version.core]
}

run "refuses_artifacts_that_were_changed" {
  command = plan
  variables {
    artifacts        = "../../tests/changed-artifacts"
    artifacts_digest = filesha256("../../tests/changed-artifacts/SHA256SUMS")
  }
  expect_failures = [aws_lambda_layer_version.core]
}
