resource "aws_lambda_function" "function" {
  function_name = var.function.name
  description   = var.function.description
  role          = aws_iam_role.function.arn

  filename         = var.function.package
  source_code_hash = filebase64sha256(var.function.package)
  handler          = var.function.handler
  runtime          = var.platform.runtime
  architectures    = [var.platform.architecture]
  layers           = var.platform.layers
  # Each change becomes a version, so that code, layer and settings change together, by the alias.
  publish = true

  timeout                        = var.function.timeout_seconds
  memory_size                    = var.function.memory_mb
  reserved_concurrent_executions = coalesce(var.function.reserved_concurrency, -1)

  ephemeral_storage {
    size = var.function.ephemeral_mb
  }

  environment {
    variables = merge(var.function.environment, { LOG_LEVEL = var.platform.log_level })
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.platform.network[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # The log group must exist before the function first writes, else Lambda creates one that keeps everything for ever;
  # and Lambda tries at once whether the role may connect to a VPC.
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.own]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that is in use"
  function_name    = aws_lambda_function.function.function_name
  function_version = aws_lambda_function.function.version
}

resource "aws_lambda_alias" "further" {
  for_each         = toset(var.function.aliases)
  name             = each.value
  description      = "The version that is in use, for callers that may invoke it by this name alone"
  function_name    = aws_lambda_function.function.function_name
  function_version = aws_lambda_function.function.version
}

resource "aws_lambda_function_event_invoke_config" "further" {
  for_each      = var.function.failures == null ? {} : aws_lambda_alias.further
  function_name = aws_lambda_function.function.function_name
  qualifier     = each.value.name

  destination_config {
    on_failure {
      destination = var.function.failures.arn
    }
  }

  depends_on = [aws_iam_role_policy.own]
}

resource "aws_lambda_function_event_invoke_config" "live" {
  count         = var.function.failures == null ? 0 : 1
  function_name = aws_lambda_function.function.function_name
  qualifier     = aws_lambda_alias.live.name

  destination_config {
    on_failure {
      destination = var.function.failures.arn
    }
  }

  # Lambda checks at once that the role may send there.
  depends_on = [aws_iam_role_policy.own]
}
