# Between the states travel keys and counts, never lists: a state may hold 256 KiB, an inventory any number of items.
locals {
  definition = {
    Comment        = "Backs up the source ${var.pipeline.source}: inventory, each item, report, retention"
    StartAt        = "Prepare"
    TimeoutSeconds = var.pipeline.timeout_hours * 3600

    States = merge(local.retention_state, {
      # Gives every field a value, so that the report can be asked for whatever happened before it.
      Prepare = {
        Type       = "Pass"
        Parameters = merge(local.nothing_yet, { redrives = 0, "started.$" = "$$.Execution.StartTime" })
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
            "started.$"   = "$.started"
          }
        }
        ResultSelector = { "Payload.$" = "$.Payload" }
        ResultPath     = "$.inventory"
        TimeoutSeconds = var.functions.inventory.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_network, local.retry_transient]
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
            "started.$"   = "$.started"
            "inventory.$" = "$.inventory.Payload"
            "map.$"       = "$.map"
            "failure.$"   = "$.failure"
          }
        }
        ResultSelector = { "result.$" = "$.Payload.result", "reportKey.$" = "$.Payload.reportKey", "root.$" = "$.Payload.root" }
        ResultPath     = "$.report"
        TimeoutSeconds = var.functions.report.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_network, local.retry_transient]
        Next           = "AnythingStored"
      }

      AnythingStored = {
        Type = "Choice"
        Choices = [{
          Or = [for result in ["complete", "partial"] : { Variable = "$.report.result", StringEquals = result }]
          # After a failed run nothing is removed.
          Next = local.removes ? "Retention" : "Complete"
        }]
        Default = "Incomplete"
      }

      Complete = {
        Type    = "Choice"
        Choices = [{ Variable = "$.report.result", StringEquals = "complete", Next = "Done" }]
        Default = "Incomplete"
      }

      Done = { Type = "Succeed" }

      # Fails the execution as PartialRun or FailedRun, with the report's key. A redrive begins here: then it succeeds,
      # and the source is run over once more. A Fail state would only fail again.
      Incomplete = {
        Type     = "Task"
        Resource = local.invoke
        Parameters = {
          FunctionName = var.functions.report.arn
          Payload = {
            "source.$"  = "$.source"
            "started.$" = "$.started"
            end = {
              "result.$"      = "$.report.result"
              "reportKey.$"   = "$.report.reportKey"
              "redrives.$"    = "$.redrives"
              "redrivesNow.$" = "$$.Execution.RedriveCount"
            }
          }
        }
        ResultPath     = null
        TimeoutSeconds = var.functions.report.timeout_seconds + local.grace_seconds
        Retry          = [local.retry_service, local.retry_network]
        Next           = "OnceMore"
      }

      # A run of its own, with a report of its own: what was stored meanwhile is unchanged, and costs one request.
      OnceMore = {
        Type = "Pass"
        Parameters = merge(local.nothing_yet, {
          "redrives.$" = "$$.Execution.RedriveCount", "started.$" = "$$.Execution.RedriveTime"
        })
        Next = "Inventory"
      }
    })
  }

  removes = var.functions.retention != null

  # Where runs remove nothing there is no such step.
  retention_state = { for function in var.functions.retention[*] : "Retention" => {
    # Not caught, as Report is not: the execution fails with what the function said, and a redrive takes it up here.
    Type     = "Task"
    Resource = local.invoke
    Parameters = {
      FunctionName = function.arn
      Payload = {
        "source.$"    = "$.source"
        "execution.$" = "$$.Execution.Id"
        "run.$"       = "$.inventory.Payload.run"
        "vault.$"     = "$.inventory.Payload.vault"
      }
    }
    ResultPath     = null
    TimeoutSeconds = function.timeout_seconds + local.grace_seconds
    Retry          = [local.retry_service, local.retry_network, local.retry_transient]
    Next           = "Complete"
  } }

  nothing_yet = { source = var.pipeline.source, inventory = { Payload = null }, map = null, failure = null }

  invoke = "arn:${local.partition}:states:::lambda:invoke"
  # A function ends by its own timeout; the state's ends what never answered.
  grace_seconds = 60
}
