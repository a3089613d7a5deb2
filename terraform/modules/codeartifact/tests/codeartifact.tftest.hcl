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
    condition = { for step, function in output.codeartifact.functions : step => function.name } == {
      inventory = "holdfast-codeartifact-inventory"
      backup    = "holdfast-codeartifact-backup"
      report    = "holdfast-codeartifact-report"
      retention = "holdfast-codeartifact-retention"
      drill     = "holdfast-codeartifact-drill"
      on_event  = "holdfast-codeartifact-on-event"
    }
    error_message = "functions have the deployment's and the source's name"
  }
  assert {
    condition     = output.codeartifact.state_machine.name == "holdfast-codeartifact" && output.codeartifact.build.name == "holdfast-codeartifact"
    error_message = "and so do the state machine and the project"
  }
}

run "tells_the_functions_all_and_knows_no_secret" {
  assert {
    condition     = toset(keys(module.source.environment)) == toset(["HOLDFAST_SOURCE", "HOLDFAST_BUCKET", "HOLDFAST_SETTINGS", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])
    error_message = "no secret"
  }
  assert {
    condition     = module.source.environment.HOLDFAST_SOURCE == "codeartifact" && module.source.environment.HOLDFAST_BUCKET == "vault" && module.source.environment.POWERTOOLS_SERVICE_NAME == "holdfast-codeartifact"
    error_message = "the source and where to"
  }
  assert {
    condition = jsondecode(module.source.environment.HOLDFAST_SETTINGS) == {
      prefix = "", regions = ["eu-central-1"], filters = [], external = false, notifySuccess = false
    }
    error_message = "by default everything that was published in the region of the deployment"
  }
}

run "passes_settings_on" {
  variables {
    codeartifact = {
      regions = ["eu-west-1"]
      prefix  = "backups/packages"
      filters = [
        { domain = "company", repositories = ["libraries", "team-*"], formats = ["maven", "npm"] },
        { domain = "partner", owner = "210987654321" },
      ]
      external = true
      share    = 0.25
      project  = "Größe: 1"
    }
    notifications = {
      topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
      key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
      success   = true
    }
  }

  assert {
    condition = jsondecode(module.source.environment.HOLDFAST_SETTINGS) == {
      prefix = "backups/packages", regions = ["eu-west-1"], external = true, share = 0.25, project = "Größe: 1", notifySuccess = true
      filters = [
        { domain = "company", repositories = ["libraries", "team-*"], formats = ["maven", "npm"] },
        { domain = "partner", owner = "210987654321", repositories = [], formats = [] },
      ]
    }
    error_message = "each of them"
  }
}

run "starts_every_night_by_default" {
  assert {
    condition     = output.codeartifact.schedule.words == "every day at 03:00 UTC, within 60 minutes"
    error_message = "to catch what events missed"
  }
  assert {
    condition     = output.observed.interval_hours == 24 && output.observed.margin_hours == 48
    error_message = "and is fresh for three days"
  }
}

run "lists_and_reads_the_domains_of_the_account_by_default" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.list.statement : [statement.actions, statement.resources]] == [
      [toset(["codeartifact:ListDomains"]), toset(["*"])],
      [toset(["codeartifact:ListRepositoriesInDomain"]), toset(["arn:aws:codeartifact:eu-central-1:123456789012:domain/*"])],
      [toset(["codeartifact:ListPackages"]), toset(["arn:aws:codeartifact:eu-central-1:123456789012:repository/*/*"])],
    ]
    error_message = "only the list of domains knows no narrower resource"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.repositories.statement : [statement.actions, statement.resources]] == [
      [
        toset(["codeartifact:DescribeRepository", "codeartifact:GetRepositoryPermissionsPolicy", "codeartifact:ListTagsForResource"]),
        toset(["arn:aws:codeartifact:eu-central-1:123456789012:repository/*/*"]),
      ],
      [toset(["codeartifact:GetDomainPermissionsPolicy"]), toset(["arn:aws:codeartifact:eu-central-1:123456789012:domain/*"])],
      [
        toset(["codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository"]),
        toset(["arn:aws:codeartifact:eu-central-1:123456789012:repository/*/*"]),
      ],
      [toset(["codeartifact:GetAuthorizationToken"]), toset(["arn:aws:codeartifact:eu-central-1:123456789012:domain/*"])],
      [toset(["sts:GetServiceBearerToken"]), toset(["*"])],
      [toset(["codeartifact:ListPackageVersions", "codeartifact:DescribePackage"]), toset(["arn:aws:codeartifact:eu-central-1:123456789012:package/*/*/*"])],
    ]
    error_message = "a run reads settings and tags, and lists versions"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.versions.statement : [statement.actions, statement.resources]] == [
      [
        toset([
          "codeartifact:DescribePackageVersion", "codeartifact:ListPackageVersionAssets", "codeartifact:GetPackageVersionAsset",
          "codeartifact:GetPackageVersionReadme", "codeartifact:ListPackageVersionDependencies",
        ]),
        toset(["arn:aws:codeartifact:eu-central-1:123456789012:package/*/*/*"]),
      ],
    ]
    error_message = "and takes what versions are, without a token, and without changing anything"
  }
  assert {
    condition     = toset(keys(module.source.policies.backup)) == toset(["repositories", "versions", "vault"])
    error_message = "backups have both"
  }
}

run "reads_only_what_is_named" {
  variables {
    codeartifact = {
      regions = ["eu-central-1", "us-east-1"]
      filters = [{ domain = "company", repositories = ["libraries", "team-?-*"], formats = ["maven", "npm"] }]
    }
  }

  assert {
    condition = toset(one(data.aws_iam_policy_document.versions.statement).resources) == toset(flatten([
      for region in ["eu-central-1", "us-east-1"] : [
        for repository in ["libraries", "team-?-*"] : [
          for format in ["maven", "npm"] : "arn:aws:codeartifact:${region}:123456789012:package/company/${repository}/${format}/*"
        ]
      ]
    ]))
    error_message = "in each region, of each format"
  }
  assert {
    condition = toset(one([for statement in data.aws_iam_policy_document.list.statement : statement.resources if statement.sid == "ListRepositories"])) == toset([
      "arn:aws:codeartifact:eu-central-1:123456789012:domain/company", "arn:aws:codeartifact:us-east-1:123456789012:domain/company",
    ])
    error_message = "and nothing is listed of other domains"
  }
}

run "reads_domains_of_other_accounts_that_are_named" {
  variables {
    codeartifact = { filters = [{ domain = "company" }, { domain = "partner", owner = "210987654321" }] }
  }

  assert {
    condition = toset(one(data.aws_iam_policy_document.versions.statement).resources) == toset([
      "arn:aws:codeartifact:eu-central-1:123456789012:package/company/*/*", "arn:aws:codeartifact:eu-central-1:210987654321:package/partner/*/*",
    ])
    error_message = "each in the account that owns it"
  }
}

run "reads_more_where_iam_cannot_say_what_is_named" {
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = ["{web,app}-*"] }] }
  }

  assert {
    condition     = toset(one(data.aws_iam_policy_document.versions.statement).resources) == toset(["arn:aws:codeartifact:eu-central-1:123456789012:package/company/*/*"])
    error_message = "rather than too little"
  }
}

run "reads_all_where_names_would_outgrow_a_policy" {
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = [for number in range(60) : "repository-${number}"] }] }
  }

  assert {
    condition     = toset(one(data.aws_iam_policy_document.versions.statement).resources) == toset(["arn:aws:codeartifact:eu-central-1:123456789012:package/*"])
    error_message = "rather than to fail"
  }
}

run "works_in_other_partitions" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  assert {
    condition     = local.chosen.domains == tolist(["arn:aws-us-gov:codeartifact:eu-central-1:123456789012:domain/*"])
    error_message = "no partition is written down"
  }
}

run "hears_no_events_if_not_wanted" {
  variables {
    codeartifact = { events = false }
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.events) + length(module.on_event) == 0
    error_message = "neither queue nor rule nor function"
  }
  assert {
    condition     = output.codeartifact.events == null && output.observed.events == null
    error_message = "and nothing to watch"
  }
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    codeartifact = { regions = ["Frankfurt"] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_region_twice" {
  command = plan
  variables {
    codeartifact = { regions = ["eu-central-1", "eu-central-1"] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_location_for_a_prefix" {
  command = plan
  variables {
    codeartifact = { prefix = "/backups/" }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_negated_domain" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "!old" }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_negated_repository" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = ["!old"] }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_an_owner_that_is_no_account" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "company", owner = "partner" }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_wildcards_where_nothing_can_be_listed" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "partner-*", owner = "210987654321" }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_an_unknown_format" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "company", formats = ["gem"] }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_more_filters_than_an_environment_holds" {
  command = plan
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = [for number in range(200) : "a-repository-${number}"] }] }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_no_share_at_all" {
  command = plan
  variables {
    codeartifact = { share = 0 }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_more_than_the_whole" {
  command = plan
  variables {
    codeartifact = { share = 1.5 }
  }
  expect_failures = [var.codeartifact]
}

run "refuses_a_project_that_is_no_tag" {
  command = plan
  variables {
    codeartifact = { project = "shop & web" }
  }
  expect_failures = [var.codeartifact]
}
