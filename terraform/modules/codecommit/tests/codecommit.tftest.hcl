mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name      = "holdfast"
  vault     = { bucket = "vault", arn = "arn:aws:s3:::vault" }
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

run "names_everything_by_deployment_and_source" {
  assert {
    condition = { for step, function in output.codecommit.functions : step => function.name } == {
      inventory = "holdfast-codecommit-inventory"
      backup    = "holdfast-codecommit-backup"
      report    = "holdfast-codecommit-report"
      retention = "holdfast-codecommit-retention"
      drill     = "holdfast-codecommit-drill"
    }
    error_message = "functions have the deployment's and the source's name"
  }
  assert {
    condition     = output.codecommit.state_machine.name == "holdfast-codecommit" && output.codecommit.build.name == "holdfast-codecommit"
    error_message = "and so do the state machine and the project"
  }
}

run "tells_the_functions_all_and_knows_no_secret" {
  assert {
    condition     = toset(keys(module.source.environment)) == toset(["HOLDFAST_SOURCE", "HOLDFAST_BUCKET", "HOLDFAST_SETTINGS", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])
    error_message = "no secret"
  }
  assert {
    condition     = module.source.environment.HOLDFAST_SOURCE == "codecommit" && module.source.environment.HOLDFAST_BUCKET == "vault" && module.source.environment.POWERTOOLS_SERVICE_NAME == "holdfast-codecommit"
    error_message = "the source and where to"
  }
  assert {
    condition = jsondecode(module.source.environment.HOLDFAST_SETTINGS) == {
      prefix = "", regions = ["eu-central-1"], include = [], exclude = [], tags = {}, fips = false, format = "bundle", notifySuccess = false
    }
    error_message = "by default everything of the region of the deployment, as bundles"
  }
}

run "passes_settings_on" {
  variables {
    codecommit = {
      regions      = ["eu-west-1"]
      prefix       = "backups/code"
      include      = ["shop-*"]
      exclude      = ["*-old"]
      tags         = { backup = "yes" }
      fips         = true
      git_endpoint = "https://vpce-1.git-codecommit.eu-west-1.vpce.amazonaws.com"
      format       = "tar.gz"
    }
    notifications = {
      topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
      key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
      success   = true
    }
  }

  assert {
    condition = jsondecode(module.source.environment.HOLDFAST_SETTINGS) == {
      prefix        = "backups/code", regions = ["eu-west-1"], include = ["shop-*"], exclude = ["*-old"], tags = { backup = "yes" }
      fips          = true, gitEndpoint = "https://vpce-1.git-codecommit.eu-west-1.vpce.amazonaws.com", format = "tar.gz"
      notifySuccess = true
    }
    error_message = "each of them"
  }
}

run "starts_every_night_by_default" {
  assert {
    condition     = output.codecommit.schedule.words == "every day at 02:00 UTC, within 60 minutes"
    error_message = "as the systems that this one replaces"
  }
  assert {
    condition     = output.observed.interval_hours == 24 && output.observed.margin_hours == 48
    error_message = "and is fresh for three days"
  }
}

run "lists_everything_and_reads_nothing_else_by_default" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.list.statement : [statement.actions, statement.resources]] == [
      [toset(["codecommit:ListRepositories"]), toset(["*"])],
      [toset(["codecommit:BatchGetRepositories"]), toset(["arn:aws:codecommit:eu-central-1:123456789012:*"])],
    ]
    error_message = "only the list knows no narrower resource"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.inventory.statement : [statement.actions, statement.resources]] == [
      [toset(["codecommit:ListTagsForResource"]), toset(["arn:aws:codecommit:eu-central-1:123456789012:*"])],
    ]
    error_message = "the inventory reads tags, and no content"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.backup.statement : [statement.actions, statement.resources]] == [
      [
        toset([
          "codecommit:GitPull", "codecommit:GetRepository", "codecommit:GetRepositoryTriggers",
          "codecommit:ListAssociatedApprovalRuleTemplatesForRepository", "codecommit:ListTagsForResource",
        ]),
        toset(["arn:aws:codecommit:eu-central-1:123456789012:*"]),
      ],
      [toset(["codecommit:GetApprovalRuleTemplate"]), toset(["*"])],
    ]
    error_message = "the backup reads content and settings, and writes neither"
  }
  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.inventory, data.aws_iam_policy_document.backup] :
      document.source_policy_documents == tolist([data.aws_iam_policy_document.list.json])
    ])
    error_message = "both list"
  }
}

run "reads_only_what_is_named" {
  variables {
    codecommit = { regions = ["eu-central-1", "us-east-1"], include = ["shop", "team-?-*"] }
  }

  assert {
    condition = toset(one([for statement in data.aws_iam_policy_document.backup.statement : statement.resources if statement.sid == "ReadRepositories"])) == toset([
      "arn:aws:codecommit:eu-central-1:123456789012:shop", "arn:aws:codecommit:eu-central-1:123456789012:team-?-*",
      "arn:aws:codecommit:us-east-1:123456789012:shop", "arn:aws:codecommit:us-east-1:123456789012:team-?-*",
    ])
    error_message = "in each region"
  }
  assert {
    condition = alltrue([
      for statement in concat(tolist(data.aws_iam_policy_document.list.statement), tolist(data.aws_iam_policy_document.inventory.statement)) :
      toset(statement.resources) == toset(["arn:aws:codecommit:eu-central-1:123456789012:*", "arn:aws:codecommit:us-east-1:123456789012:*"])
      if !contains(statement.actions, "codecommit:ListRepositories")
    ])
    error_message = "while the inventory sees all, to say what it left out"
  }
}

run "reads_all_where_iam_cannot_say_what_is_named" {
  variables {
    codecommit = { include = ["shop", "{web,app}-*"] }
  }

  assert {
    condition     = toset(one([for statement in data.aws_iam_policy_document.backup.statement : statement.resources if statement.sid == "ReadRepositories"])) == toset(["arn:aws:codecommit:eu-central-1:123456789012:*"])
    error_message = "rather than too little"
  }
}

run "reads_all_where_names_would_outgrow_a_policy" {
  variables {
    codecommit = { include = [for number in range(41) : "repository-${number}"] }
  }

  assert {
    condition     = toset(one([for statement in data.aws_iam_policy_document.backup.statement : statement.resources if statement.sid == "ReadRepositories"])) == toset(["arn:aws:codecommit:eu-central-1:123456789012:*"])
    error_message = "rather than to fail"
  }
}

run "works_in_other_partitions" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition     = local.every_repository == ["arn:aws-cn:codecommit:eu-central-1:123456789012:*"]
    error_message = "no partition is written down"
  }
}

run "hears_no_events_unless_asked" {
  assert {
    condition     = length(aws_cloudwatch_event_rule.events) + length(module.on_event) == 0
    error_message = "neither queue nor rule nor function"
  }
  assert {
    condition     = output.codecommit.events == null && output.observed.events == null
    error_message = "and nothing to watch"
  }
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    codecommit = { regions = ["Frankfurt"] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_a_region_twice" {
  command = plan
  variables {
    codecommit = { regions = ["eu-central-1", "eu-central-1"] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_a_location_for_a_prefix" {
  command = plan
  variables {
    codecommit = { prefix = "/backups/" }
  }
  expect_failures = [var.codecommit]
}

run "refuses_a_negated_glob" {
  command = plan
  variables {
    codecommit = { include = ["!old"] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_more_names_than_an_environment_holds" {
  command = plan
  variables {
    codecommit = { include = [for number in range(200) : "a-repository-${number}"] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_an_unnamed_tag" {
  command = plan
  variables {
    codecommit = { tags = { "" = "yes" } }
  }
  expect_failures = [var.codecommit]
}

run "refuses_plain_text_on_the_way" {
  command = plan
  variables {
    codecommit = { git_endpoint = "http://git.example.com" }
  }
  expect_failures = [var.codecommit]
}

run "refuses_one_endpoint_for_two_regions" {
  command = plan
  variables {
    codecommit = { git_endpoint = "https://git.example.com", regions = ["eu-central-1", "eu-west-1"] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_an_unknown_format" {
  command = plan
  variables {
    codecommit = { format = "rar" }
  }
  expect_failures = [var.codecommit]
}

run "tags_nothing_and_assumes_nothing_by_default" {
  assert {
    condition     = toset(keys(module.source.policies.backup)) == toset(["repositories", "vault"]) && length(data.aws_iam_policy_document.roles) == 0
    error_message = "the roles read repositories by rights of their own"
  }
}

run "tags_by_project" {
  variables {
    codecommit = { project = "Größe: 1" }
  }

  assert {
    condition     = jsondecode(module.source.environment.HOLDFAST_SETTINGS).project == "Größe: 1"
    error_message = "the functions get them"
  }
}

run "reads_other_accounts_by_roles_there" {
  variables {
    codecommit = {
      roles = [
        { arn = "arn:aws:iam::210987654321:role/reader", external_id = "ours-alone" },
        { arn = "arn:aws:iam::333333333333:role/path/reader" },
      ]
    }
  }

  assert {
    condition = jsondecode(module.source.environment.HOLDFAST_SETTINGS).roles == [
      { arn = "arn:aws:iam::210987654321:role/reader", externalId = "ours-alone" },
      { arn = "arn:aws:iam::333333333333:role/path/reader", externalId = null },
    ]
    error_message = "the functions get them"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.roles[0].statement : [statement.actions, statement.resources]] == [
      [toset(["sts:AssumeRole"]), toset(["arn:aws:iam::210987654321:role/reader", "arn:aws:iam::333333333333:role/path/reader"])],
    ]
    error_message = "and may assume these"
  }
  assert {
    condition     = toset(keys(module.source.policies.backup)) == toset(["roles", "vault"]) && toset(concat(keys(local.policies.list), keys(local.policies.read))) == toset(["roles"])
    error_message = "but have no rights on repositories of their own"
  }
}

run "refuses_what_is_no_role" {
  command = plan
  variables {
    codecommit = { roles = [{ arn = "arn:aws:iam::210987654321:root" }] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_a_wildcard_for_a_role" {
  command = plan
  variables {
    codecommit = { roles = [{ arn = "arn:aws:iam::210987654321:role/*" }] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_two_roles_of_one_account" {
  command = plan
  variables {
    codecommit = { roles = [{ arn = "arn:aws:iam::210987654321:role/path/reader" }, { arn = "arn:aws:iam::210987654321:role/other" }] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_an_external_id_that_sts_does_not_take" {
  command = plan
  variables {
    codecommit = { roles = [{ arn = "arn:aws:iam::210987654321:role/reader", external_id = "ours alone" }] }
  }
  expect_failures = [var.codecommit]
}

run "refuses_a_project_that_is_no_tag" {
  command = plan
  variables {
    codecommit = { project = "shop & web" }
  }
  expect_failures = [var.codecommit]
}

run "decrypts_repositories_by_keys_that_are_named" {
  variables {
    codecommit = { keys = ["arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"], regions = ["eu-central-1", "eu-west-1"] }
  }

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.backup.statement : [statement.actions, statement.resources, one(statement.condition).variable, toset(one(statement.condition).values)] if statement.sid == "DecryptRepositories"
      ] == [[
        toset(["kms:Decrypt"]), toset(["arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"]),
        "kms:ViaService", toset(["codecommit.eu-central-1.amazonaws.com", "codecommit.eu-west-1.amazonaws.com"]),
    ]]
    error_message = "by way of CodeCommit, and for nothing else"
  }
}

run "decrypts_nothing_unless_told" {
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.backup.statement : anytrue([for action in statement.actions : startswith(action, "kms:")])])
    error_message = "most repositories have no key of their own"
  }
}

run "leaves_keys_of_other_accounts_to_their_roles" {
  command = plan
  variables {
    codecommit = { keys = ["arn:aws:kms:eu-central-1:210987654321:key/1"], roles = [{ arn = "arn:aws:iam::210987654321:role/reader" }] }
  }
  expect_failures = [var.codecommit]
}
