# What happens to one item of the map.
locals {
  item_states = {
    BackUp = {
      Type     = "Task"
      Resource = local.invoke
      Parameters = {
        FunctionName = var.functions.backup.arn
        "Payload.$"  = "$"
      }
      OutputPath     = "$.Payload"
      TimeoutSeconds = var.functions.backup.timeout_seconds + local.grace_seconds
      Retry          = [local.retry_service, local.retry_network, local.retry_item]
      Catch          = [{ ErrorEquals = local.too_large, ResultPath = "$.tooLarge", Next = "InCodeBuild" }]
      End            = true
    }

    # The same program on the same item, with native git, a disk and hours of time.
    InCodeBuild = {
      Type     = "Task"
      Resource = "arn:${local.partition}:states:::codebuild:startBuild.sync"
      Parameters = {
        ProjectName = var.build.name
        # The project itself knows the source and where its settings are.
        EnvironmentVariablesOverride = [
          for name, value in {
            HOLDFAST_ITEM  = "States.JsonToString($.item)"
            HOLDFAST_RUN   = "$.run"
            HOLDFAST_VAULT = "$.vault"
          } : { Name = name, Type = "PLAINTEXT", "Value.$" = value }
        ]
      }
      # The record of a build is large, and the item's result needs nothing of it.
      ResultPath     = null
      TimeoutSeconds = var.build.timeout_minutes * 60 + local.queue_seconds
      Retry          = [local.retry_build_queue, local.retry_build]
      Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.failure", Next = "WhichFailure" }]
      Next           = "InCodeBuildDone"
    }

    # The report reads from the vault what was stored.
    InCodeBuildDone = {
      Type       = "Pass"
      Parameters = { outcome = "in-codebuild", "item.$" = "$.item" }
      End        = true
    }

    # Of a failed build, too, the results keep no more than where its log is.
    WhichFailure = {
      Type    = "Choice"
      Choices = [{ Variable = "$.failure.Error", StringEquals = "States.TaskFailed", Next = "ReadBuild" }]
      Default = "BuildNotRun"
    }

    ReadBuild = {
      Type       = "Pass"
      Parameters = { "build.$" = "States.StringToJson($.failure.Cause)" }
      ResultPath = "$.failure"
      Next       = "BuildFailed"
    }

    BuildFailed = {
      Type      = "Fail"
      Error     = "BuildFailed"
      CausePath = "States.Format('The build {} ended {}; its log says why', $.failure.build.Build.Id, $.failure.build.Build.BuildStatus)"
    }

    BuildNotRun = {
      Type      = "Fail"
      ErrorPath = "$.failure.Error"
      CausePath = "$.failure.Cause"
    }
  }

  # What an item causes that asks for more than a Lambda has: said by the function in time, or else by Lambda.
  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
  too_large = [
    "TooLargeForLambda", "Sandbox.Timedout", "Runtime.OutOfMemory", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout",
  ]
  # How long a build may wait for its turn.
  queue_seconds = 8 * 3600
}
