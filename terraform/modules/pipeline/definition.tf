# Between the states travel keys and counts, never lists: a state may hold 256 KiB, an inventory any number of items.
locals {
  definition = {
    Comment        = "Backs up the source ${var.pipeline.source}: inventory, each item, report, retention"
    StartAt        = "Prepare"
    TimeoutSeconds = var.pipeline.timeout_hours * 3600

    States = {
      # Gives every field a value, so that the report can be asked for whatever happened before it.
      Prepare = {
        Type       = "Pass"
        Parameters = { source = var.pipeline.source, inventory = { Payload = null }, map = null, failure = null }
        Next       = "Inventory"
      }

      Inventory = {
        Type     = "Task"
        Resource = local.invoke
        Parameters = {
          FunctionName = var.functions.inventory.arn
          Payload = {
            "source.$"    = "$.source"
            "execution.$" = "$$.Execution.Id"
            "started.$"   = "$$.Execution.StartTime"
          }
        }
        ResultSelector = { "Payload.$" = "$.Payload" }
        ResultPath     = "$.inventory"
        TimeoutSeconds = var.functions.inventory.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_transient]
        Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.failure", Next = "Report" }]
        Next           = "AnythingSelected"
      }

      AnythingSelected = {
        Type    = "Choice"
        Choices = [{ Variable = "$.inventory.Payload.selected", NumericEquals = 0, Next = "Report" }]
        Default = "BackUpItems"
      }

      BackUpItems = {
        Type           = "Map"
        Label          = local.map_label
        MaxConcurrency = var.pipeline.concurrency
        # Every item gets its turn, whatever becomes of the others. The report says which failed.
        ToleratedFailurePercentage = 100

        ItemReader = {
          Resource     = "arn:${local.partition}:states:::s3:getObject"
          ReaderConfig = { InputType = "JSON" }
          Parameters   = { "Bucket.$" = "$.inventory.Payload.bucket", "Key.$" = "$.inventory.Payload.itemsKey" }
        }
        ItemSelector = {
          "item.$"              = "$$.Map.Item.Value"
          "run.$"               = "$.inventory.Payload.run"
          "source.$"            = "$.source"
          "vault.$"             = "$.inventory.Payload.vault"
          "requestsPerMinute.$" = "$.inventory.Payload.requestsPerMinute"
        }
        ItemProcessor = {
          ProcessorConfig = { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
          StartAt         = "BackUp"
          States          = local.item_states
        }
        ResultWriter = {
          Resource   = "arn:${local.partition}:states:::s3:putObject"
          Parameters = { "Bucket.$" = "$.inventory.Payload.bucket", "Prefix.$" = "$.inventory.Payload.mapPrefix" }
        }
        ResultSelector = {
          "Bucket.$" = "$.ResultWriterDetails.Bucket"
          "Key.$"    = "$.ResultWriterDetails.Key"
        }
        ResultPath = "$.map"
        Catch      = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.failure", Next = "Report" }]
        Next       = "Report"
      }

      Report = {
        Type     = "Task"
        Resource = local.invoke
        Parameters = {
          FunctionName = var.functions.report.arn
          Payload = {
            "source.$"    = "$.source"
            "execution.$" = "$$.Execution.Id"
            "started.$"   = "$$.Execution.StartTime"
            "inventory.$" = "$.inventory.Payload"
            "map.$"       = "$.map"
            "failure.$"   = "$.failure"
          }
        }
        ResultSelector = { "result.$" = "$.Payload.result", "reportKey.$" = "$.Payload.reportKey" }
        ResultPath     = "$.report"
        TimeoutSeconds = var.functions.report.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_transient]
        Next           = "AnythingStored"
      }

      AnythingStored = {
        Type = "Choice"
        Choices = [{
          Or = [for result in ["complete", "partial"] : { Variable = "$.report.result", StringEquals = result }]
          # After a failed run nothing is removed.
          Next = "Retention"
        }]
        Default = "FailedRun"
      }

      # Not caught, as Report is not: the execution fails with what the function said, and a redrive takes it up here.
      Retention = {
        Type     = "Task"
        Resource = local.invoke
        Parameters = {
          FunctionName = var.functions.retention.arn
          Payload = {
            "source.$"    = "$.source"
            "execution.$" = "$$.Execution.Id"
            "run.$"       = "$.inventory.Payload.run"
            "vault.$"     = "$.inventory.Payload.vault"
          }
        }
        ResultPath     = null
        TimeoutSeconds = var.functions.retention.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_transient]
        Next           = "Complete"
      }

      Complete = {
        Type    = "Choice"
        Choices = [{ Variable = "$.report.result", StringEquals = "complete", Next = "Done" }]
        Default = "PartialRun"
      }

      Done = { Type = "Succeed" }

      PartialRun = {
        Type      = "Fail"
        Error     = "PartialRun"
        CausePath = "States.Format('Some items were not backed up, the others were. The report says which and why: {}', $.report.reportKey)"
      }

      FailedRun = {
        Type      = "Fail"
        Error     = "FailedRun"
        CausePath = "States.Format('Nothing was backed up. The report says why: {}', $.report.reportKey)"
      }
    }
  }

  invoke = "arn:${local.partition}:states:::lambda:invoke"
  # A function ends by its own timeout; the state's ends what never answered.
  grace_seconds = 60
}
