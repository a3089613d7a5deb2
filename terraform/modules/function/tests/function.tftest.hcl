mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  function = {
    name        = "holdfast-github-backup"
    description = "Backs up one item"
    # Any file serves: the mocked provider does not open it.
    package     = "main.tf"
    environment = { HOLDFAST_SOURCE = "github" }
    policies    = { vault = "{}" }
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days = 90
  }
}

run "publishes_and_invokes_by_an_alias" {
  assert {
    condition     = aws_lambda_function.function.publish
    error_message = "each change becomes a version"
  }
  assert {
    condition     = aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == aws_lambda_function.function.version
    error_message = "the alias points to the newest"
  }
  assert {
    condition     = output.function.arn == aws_lambda_alias.live.arn
    error_message = "callers get the alias, not the function"
  }
}

run "is_invoked_by_further_names_where_it_must_tell_who_does" {
  variables {
    function = {
      name     = "holdfast-efs-orchestrator", description = "d", package = "main.tf", aliases = ["schedule"]
      failures = { arn = "arn:aws:sqs:eu-central-1:123456789012:dead" }
    }
  }

  assert {
    condition     = aws_lambda_alias.further["schedule"].function_version == aws_lambda_function.function.version && keys(output.function.aliases) == ["schedule"]
    error_message = "all of them the same version"
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.further["schedule"].destination_config[0].on_failure[0].destination == "arn:aws:sqs:eu-central-1:123456789012:dead"
    error_message = "and what fails by any of them is kept"
  }
}

run "runs_as_lambda_allows" {
  assert {
    condition = alltrue([
      aws_lambda_function.function.timeout == 900,
      aws_lambda_function.function.memory_size == 512,
      aws_lambda_function.function.ephemeral_storage[0].size == 512,
      aws_lambda_function.function.handler == "index.handler",
      aws_lambda_function.function.architectures == tolist(["arm64"]),
      aws_lambda_function.function.reserved_concurrent_executions == -1,
    ])
    error_message = "the defaults"
  }
  assert {
    condition     = aws_lambda_function.function.tracing_config[0].mode == "Active"
    error_message = "every invocation can be traced"
  }
  assert {
    condition     = aws_lambda_function.function.environment[0].variables == tomap({ HOLDFAST_SOURCE = "github", LOG_LEVEL = "INFO" })
    error_message = "the environment holds what was given and how much to log"
  }
}

run "keeps_its_log_for_a_time" {
  assert {
    condition     = aws_cloudwatch_log_group.function.name == "/aws/lambda/holdfast-github-backup" && aws_cloudwatch_log_group.function.retention_in_days == 90
    error_message = "the log group is Terraform's, and forgets"
  }
}

run "grants_little_of_its_own" {
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.own.statement : tolist(statement.actions)])) == toset([
      "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    ])
    error_message = "a log and traces, and nothing else"
  }
  assert {
    condition     = keys(aws_iam_role_policy.given) == ["vault"]
    error_message = "beside the policies that were given"
  }
  assert {
    condition     = length(aws_lambda_function_event_invoke_config.live) == 0
    error_message = "what is only invoked and waited for needs no queue"
  }
}

run "hands_over_what_failed" {
  variables {
    function = {
      name        = "holdfast-github-freshness"
      description = "Checks"
      package     = "main.tf"
      failures    = { arn = "arn:aws:sqs:eu-central-1:123456789012:dead" }
    }
  }

  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.live[0].destination_config).on_failure).destination == "arn:aws:sqs:eu-central-1:123456789012:dead"
    error_message = "failed asynchronous invocations end in the queue"
  }
  assert {
    condition     = contains(flatten([for statement in data.aws_iam_policy_document.own.statement : tolist(statement.actions)]), "sqs:SendMessage")
    error_message = "and the role may send there"
  }
}

run "stays_under_the_boundary" {
  variables {
    platform = {
      runtime              = "nodejs22.x"
      architecture         = "x86_64"
      layers               = []
      log_retention_days   = 30
      permissions_boundary = "arn:aws:iam::123456789012:policy/holdfast-boundary"
    }
  }

  assert {
    condition     = aws_iam_role.function.permissions_boundary == "arn:aws:iam::123456789012:policy/holdfast-boundary"
    error_message = "the role has the boundary"
  }
}

run "refuses_more_time_than_lambda_has" {
  command = plan
  variables {
    function = { name = "f", description = "d", package = "main.tf", timeout_seconds = 901 }
  }
  expect_failures = [var.function]
}

run "refuses_a_disk_that_lambda_lacks" {
  command = plan
  variables {
    function = { name = "f", description = "d", package = "main.tf", ephemeral_mb = 511 }
  }
  expect_failures = [var.function]
}

run "refuses_to_reserve_nothing" {
  command = plan
  variables {
    function = { name = "f", description = "d", package = "main.tf", reserved_concurrency = 0 }
  }
  expect_failures = [var.function]
}

run "refuses_an_unknown_processor" {
  command = plan
  variables {
    platform = { runtime = "nodejs22.x", architecture = "arm", layers = [], log_retention_days = 90 }
  }
  expect_failures = [var.platform]
}

run "is_connected_to_no_vpc_unless_told" {
  assert {
    condition     = length(aws_lambda_function.function.vpc_config) == 0
    error_message = "Lambda's own network reaches the internet"
  }
}

run "is_connected_to_a_vpc_by_lambda_alone" {
  variables {
    platform = {
      runtime            = "nodejs22.x"
      architecture       = "arm64"
      layers             = []
      log_retention_days = 90
      network            = { subnet_ids = ["subnet-0a"], security_group_ids = ["sg-0a"] }
    }
  }

  assert {
    condition     = aws_lambda_function.function.vpc_config[0].subnet_ids == toset(["subnet-0a"]) && aws_lambda_function.function.vpc_config[0].security_group_ids == toset(["sg-0a"])
    error_message = "by its subnets and security groups"
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.own.statement : statement.sid => statement.actions if strcontains(statement.sid, "Connect") } == {
      Connect            = toset(local.connecting)
      OnlyLambdaConnects = toset(local.connecting)
    }
    error_message = "the role may, for Lambda"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.own.statement : [for condition in statement.condition : [condition.test, condition.variable, condition.values]] if statement.effect == "Deny"
    ] == [[["Null", "lambda:SourceFunctionArn", tolist(["false"])]]]
    error_message = "but not for the function's own code"
  }
}
