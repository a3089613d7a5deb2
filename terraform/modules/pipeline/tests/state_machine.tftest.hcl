mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  pipeline = { name = "holdfast-github", source = "github" }
  functions = {
    inventory = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:inventory:live", timeout_seconds = 900 }
    backup    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:backup:live", timeout_seconds = 900 }
    report    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:report:live", timeout_seconds = 900 }
    retention = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:retention:live", timeout_seconds = 900 }
  }
  build        = { name = "holdfast-github", arn = "arn:aws:codebuild:eu-central-1:123456789012:project/holdfast-github", start_policy = "{}", timeout_minutes = 480 }
  files_policy = "{}"
  log          = { retention_days = 90 }
}

run "is_logged_and_traced" {
  assert {
    condition     = aws_sfn_state_machine.run.type == "STANDARD" && aws_sfn_state_machine.run.tracing_configuration[0].enabled
    error_message = "a standard state machine with traces"
  }
  assert {
    condition     = aws_sfn_state_machine.run.logging_configuration[0].level == "ERROR" && aws_cloudwatch_log_group.executions.retention_in_days == 90
    error_message = "with a log that forgets"
  }
}

run "gives_every_item_its_turn" {
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ToleratedFailurePercentage == 100
    error_message = "no number of failed items ends the map"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.MaxConcurrency == 10
    error_message = "ten at once by default"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.ProcessorConfig == { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
    error_message = "each item is an execution of its own"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemReader.Parameters == { "Bucket.$" = "$.inventory.Payload.bucket", "Key.$" = "$.inventory.Payload.itemsKey" }
    error_message = "the items are read from where the inventory says that it left them"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ResultWriter.Parameters == { "Bucket.$" = "$.inventory.Payload.bucket", "Prefix.$" = "$.inventory.Payload.mapPrefix" }
    error_message = "and the results written there"
  }
  assert {
    condition = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemSelector == {
      "item.$"              = "$$.Map.Item.Value", "run.$" = "$.inventory.Payload.run", "source.$" = "$.source", "vault.$" = "$.inventory.Payload.vault",
      "requestsPerMinute.$" = "$.inventory.Payload.requestsPerMinute"
    }
    error_message = "an item learns its run, its vault and its share of the requests"
  }
}

run "tries_again_what_passes" {
  assert {
    condition = alltrue([
      for state in ["Inventory", "Report", "Retention"] : alltrue([
        for error in [
          "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
          "RateLimited", "Unavailable", "Stalled", "Truncated", "StorageFailed",
        ] : contains(flatten([for retry in jsondecode(aws_sfn_state_machine.run.definition).States[state].Retry : retry.ErrorEquals]), error)
      ])
    ])
    error_message = "every function is tried again on passing errors"
  }
  assert {
    condition = alltrue([
      for state in concat(
        [for name in ["Inventory", "Report", "Retention", "Incomplete"] : jsondecode(aws_sfn_state_machine.run.definition).States[name]],
        [jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.BackUp],
        ) : anytrue([
          for retry in state.Retry : length(setsubtract([
            "Lambda.ResourceNotReadyException", "Lambda.EC2ThrottledException", "Lambda.ENILimitReachedException", "Lambda.SubnetIPAddressLimitReachedException",
          ], retry.ErrorEquals)) == 0 && !can(retry.JitterStrategy) && retry.IntervalSeconds * 4 + retry.MaxDelaySeconds * (retry.MaxAttempts - 6) >= 600
      ])
    ])
    error_message = "and for some ten minutes where it has to be connected to its VPC first, the report as well"
  }
  assert {
    condition = length(setsubtract(
      ["CodeBuild.AccountLimitExceededException", "CodeBuild.AWSCodeBuildException"],
      jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.InCodeBuild.Retry[0].ErrorEquals,
    )) == 0
    error_message = "and a build waits for its turn, by whatever name CodeBuild refuses it"
  }
  assert {
    condition = alltrue([
      for error in ["Lambda.TooManyRequestsException", "RateLimited", "StorageFailed", "RefMoved", "Corrupt"] :
      contains(flatten([for retry in jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.BackUp.Retry : retry.ErrorEquals]), error)
    ])
    error_message = "and so is an item, also when it changed or was damaged on its way"
  }
  assert {
    condition = alltrue([
      for retry in jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.BackUp.Retry :
      retry.BackoffRate > 1 && retry.MaxDelaySeconds > retry.IntervalSeconds && (contains(retry.ErrorEquals, "Lambda.ResourceNotReadyException") || try(retry.JitterStrategy, "") == "FULL")
    ])
    error_message = "each time later, and not all at once"
  }
}

run "moves_what_is_too_large_to_codebuild" {
  assert {
    condition = toset(jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.BackUp.Catch[0].ErrorEquals) == toset([
      "TooLargeForLambda", "Sandbox.Timedout", "Runtime.OutOfMemory", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout",
    ])
    error_message = "by its own word or by Lambda's"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.InCodeBuild.Resource == "arn:aws:states:::codebuild:startBuild.sync"
    error_message = "and the run waits for it"
  }
  assert {
    condition = {
      for variable in jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.InCodeBuild.Parameters.EnvironmentVariablesOverride :
      variable.Name => variable["Value.$"]
    } == { HOLDFAST_ITEM = "States.JsonToString($.item)", HOLDFAST_RUN = "$.run", HOLDFAST_VAULT = "$.vault" }
    error_message = "the build learns the item, the run and the vault"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.InCodeBuild.ResultPath == null
    error_message = "the record of the build does not get into the results"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.BackUpItems.ItemProcessor.States.InCodeBuildDone.Parameters == { outcome = "in-codebuild", "item.$" = "$.item" }
    error_message = "only that it happened there"
  }
}

run "reports_whatever_happened" {
  assert {
    condition = alltrue([
      for state in ["Inventory", "BackUpItems"] :
      jsondecode(aws_sfn_state_machine.run.definition).States[state].Catch == [{ ErrorEquals = ["States.ALL"], Next = "Report", ResultPath = "$.failure" }]
    ])
    error_message = "a failed inventory and a failed map are reported"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.Prepare.Parameters == { source = "github", inventory = { Payload = null }, map = null, failure = null, redrives = 0, "started.$" = "$$.Execution.StartTime" }
    error_message = "the report can be asked for whatever came before it"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.AnythingSelected.Choices[0].Next == "Report"
    error_message = "an empty inventory is reported without a map"
  }
  assert {
    condition     = !can(jsondecode(aws_sfn_state_machine.run.definition).States.Report.Catch) && !can(jsondecode(aws_sfn_state_machine.run.definition).States.Retention.Catch)
    error_message = "a failed report and a failed retention fail the execution where a redrive takes it up"
  }
}

run "succeeds_only_when_complete" {
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.AnythingStored.Default == "Incomplete"
    error_message = "after a failed run nothing is removed"
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.run.definition).States.Complete.Choices[0].Next == "Done" &&
      jsondecode(aws_sfn_state_machine.run.definition).States.Complete.Default == "Incomplete"
    )
    error_message = "a partial run is not a success"
  }
  assert {
    condition = jsondecode(aws_sfn_state_machine.run.definition).States.Incomplete.Parameters.Payload.end == {
      "result.$" = "$.report.result", "reportKey.$" = "$.report.reportKey", "redrives.$" = "$.redrives", "redrivesNow.$" = "$$.Execution.RedriveCount"
    }
    error_message = "the end names the report, and learns whether it is redriven"
  }
  assert {
    condition     = !can(jsondecode(aws_sfn_state_machine.run.definition).States.Incomplete.Catch)
    error_message = "it fails the execution"
  }
}

run "begins_a_new_run_when_it_is_redriven" {
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.run.definition).States.Incomplete.Next == "OnceMore" &&
      jsondecode(aws_sfn_state_machine.run.definition).States.OnceMore.Next == "Inventory"
    )
    error_message = "from the inventory on"
  }
  assert {
    condition = jsondecode(aws_sfn_state_machine.run.definition).States.OnceMore.Parameters == {
      source       = "github", inventory = { Payload = null }, map = null, failure = null,
      "redrives.$" = "$$.Execution.RedriveCount", "started.$" = "$$.Execution.RedriveTime"
    }
    error_message = "under its own name"
  }
}

run "may_do_what_its_steps_need" {
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.state_machine.statement :
      statement.actions == toset(["lambda:InvokeFunction"]) && alltrue([for arn in statement.resources : endswith(arn, ":live")])
    ])
    error_message = "functions are invoked by their aliases"
  }
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.state_machine.statement : tolist(statement.actions) if contains(statement.resources, "*")
      ])) == toset([
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
      "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
      "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
    ])
    error_message = "everything is allowed only where AWS knows nothing narrower"
  }
  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.state_machine.statement : tolist(statement.resources)[0] if contains(statement.actions, "states:StartExecution")
    ]) == "arn:aws:states:eu-central-1:123456789012:stateMachine:holdfast-github"
    error_message = "it starts itself and no other"
  }
}

run "refuses_no_concurrency" {
  command = plan
  variables {
    pipeline = { name = "holdfast-github", source = "github", concurrency = 0 }
  }
  expect_failures = [var.pipeline]
}

run "removes_nothing_without_a_function_for_it" {
  variables {
    functions = {
      inventory = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:inventory:live", timeout_seconds = 900 }
      backup    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:backup:live", timeout_seconds = 900 }
      report    = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:report:live", timeout_seconds = 900 }
    }
  }

  assert {
    condition     = !contains(keys(jsondecode(aws_sfn_state_machine.run.definition).States), "Retention")
    error_message = "the step is left out"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.run.definition).States.AnythingStored.Choices[0].Next == "Complete"
    error_message = "and gone around"
  }
}

run "leaves_nothing_undelivered_unsaid" {
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.dead_letters.statement :
      anytrue([for condition in statement.condition : toset(condition.values) == toset([
        "arn:aws:events:eu-central-1:123456789012:rule/holdfast-github-*", "arn:aws:events:eu-central-1:123456789012:rule/holdfast-github/*",
      ])])
    ])
    error_message = "of rules on the account's own bus and on the source's own"
  }
}

run "works_by_its_role_for_items_as_well" {
  assert {
    condition = anytrue([
      for condition in data.aws_iam_policy_document.state_machine_trust.statement[0].condition :
      condition.test == "ArnLike" && toset(condition.values) == toset([local.state_machine_arn, "${local.state_machine_arn}/*"])
    ])
    error_message = "which are executions of a part of the state machine"
  }
}
