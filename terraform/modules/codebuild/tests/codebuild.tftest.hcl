mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "holdfast-github"
  program     = { package = "main.tf", file = "role.tf" }
  environment = { HOLDFAST_SECRET = "prod/github-backup" }
  policies    = { vault = "{}" }
  platform    = { runtime = "nodejs22.x", architecture = "arm64", log_retention_days = 90 }
}

run "builds_without_privileges" {
  assert {
    condition     = !aws_codebuild_project.backup.environment[0].privileged_mode
    error_message = "a build needs no rights on its host"
  }
  assert {
    condition     = aws_codebuild_project.backup.environment[0].type == "ARM_CONTAINER" && strcontains(aws_codebuild_project.backup.environment[0].image, "aarch64")
    error_message = "on the processor of the deployment"
  }
}

run "runs_the_program_on_one_item" {
  assert {
    condition = yamldecode(aws_codebuild_project.backup.source[0].buildspec) == {
      version = "0.2"
      phases = {
        install   = { "runtime-versions" = { nodejs = 22 } }
        pre_build = { commands = ["echo '${filesha256("role.tf")}  holdfast.mjs' | sha256sum --check --strict"] }
        build     = { commands = ["node holdfast.mjs backup-item"] }
      }
    }
    error_message = "by the same Node.js as the functions, and only if it is the one that was built"
  }
  assert {
    condition     = aws_codebuild_project.backup.source[0].type == "S3" && strcontains(aws_codebuild_project.backup.source[0].location, "/command-line-${substr(filesha256("main.tf"), 0, 16)}.zip")
    error_message = "from a zip that is named by its content"
  }
}

run "keeps_the_program_in_a_private_bucket" {
  assert {
    condition     = aws_s3_bucket.artifacts.bucket == "holdfast-github-artifacts-123456789012-eu-central-1"
    error_message = "named by project, account and region"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_versioning.artifacts.versioning_configuration[0].status == "Enabled",
      one(one(aws_s3_bucket_server_side_encryption_configuration.artifacts.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256",
      aws_s3_bucket_public_access_block.artifacts.block_public_policy,
      aws_s3_bucket_public_access_block.artifacts.restrict_public_buckets,
    ])
    error_message = "versioned, encrypted, private"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.artifacts.statement : statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport"])])
    error_message = "and by TLS only"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.artifacts.statement : statement.effect == "Deny" && statement.actions == toset(["s3:PutObject"]) && anytrue([for condition in statement.condition : condition.variable == "s3:x-amz-server-side-encryption-customer-algorithm"])])
    error_message = "under no key that only a request has"
  }
}

run "lets_the_working_files_of_runs_end" {
  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.artifacts.rule : [rule.filter[0].prefix, rule.expiration[0].days] if length(rule.expiration) > 0
    ] == [["runs/", 30]]
    error_message = "once no execution can be redriven any more; the program stays"
  }
}

run "grants_little_of_its_own" {
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.own.statement : tolist(statement.actions)])) == toset([
      "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "s3:GetObjectVersion",
    ])
    error_message = "its log and its program"
  }
}

run "connects_builds_to_a_vpc" {
  variables {
    platform = {
      runtime            = "nodejs22.x"
      architecture       = "arm64"
      log_retention_days = 90
      network            = { vpc_id = "vpc-0a", subnet_ids = ["subnet-0a", "subnet-0b"], security_group_ids = ["sg-0a"] }
    }
  }

  assert {
    condition     = aws_codebuild_project.backup.vpc_config[0].vpc_id == "vpc-0a" && aws_codebuild_project.backup.vpc_config[0].subnets == toset(["subnet-0a", "subnet-0b"])
    error_message = "by its subnets"
  }
  assert {
    condition = {
      for condition in one([for statement in data.aws_iam_policy_document.own.statement : statement.condition if contains(statement.actions, "ec2:CreateNetworkInterfacePermission")]) :
      condition.variable => toset(condition.values)
      } == {
      "ec2:AuthorizedService" = toset(["codebuild.amazonaws.com"])
      "ec2:Subnet"            = toset(["arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-0a", "arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-0b"])
    }
    error_message = "and lends interfaces there to CodeBuild alone"
  }
}

run "connects_builds_to_no_vpc_unless_told" {
  assert {
    condition     = length(aws_codebuild_project.backup.vpc_config) == 0
    error_message = "CodeBuild's own network reaches the internet"
  }
}

run "refuses_a_runtime_that_is_not_node" {
  command = plan
  variables {
    platform = { runtime = "python3.13", architecture = "arm64", log_retention_days = 90 }
  }
  expect_failures = [var.platform]
}

run "refuses_a_name_that_makes_the_buckets_too_long" {
  command = plan
  variables {
    name = "a-name-of-thirty-characters-xx"
  }
  expect_failures = [var.name]
}

run "refuses_builds_longer_than_codebuild_allows" {
  command = plan
  variables {
    build = { timeout_minutes = 2161 }
  }
  expect_failures = [var.build]
}

run "lets_whoever_starts_builds_say_which_item_and_nothing_else" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.start.statement : [statement.actions, statement.resources]] == [
      [toset(["codebuild:StartBuild"]), toset(["arn:aws:codebuild:eu-central-1:123456789012:project/holdfast-github"])]
    ]
    error_message = "of this project"
  }
  assert {
    condition = length(setsubtract(
      [for what in ["source.buildspec", "source.location", "environment.image", "environment.privilegedMode", "serviceRole", "secondarySources"] : "codebuild:${what}"],
      [for condition in one(data.aws_iam_policy_document.start.statement).condition : condition.variable if condition.test == "Null" && condition.values == tolist(["true"])],
    )) == 0
    error_message = "what runs, where, and by which role is the project's to say"
  }
  assert {
    condition = anytrue([
      for condition in one(data.aws_iam_policy_document.start.statement).condition :
      condition.test == "ForAllValues:StringEquals" && condition.variable == "codebuild:environment.environmentVariables.name" && toset(condition.values) == toset(["HOLDFAST_ITEM", "HOLDFAST_RUN", "HOLDFAST_VAULT"])
    ])
    error_message = "a variable such as NODE_OPTIONS would run anything as well"
  }
}
