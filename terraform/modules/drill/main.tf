data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  place     = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  # Put together here because the role of the state machine must name it before it is there.
  state_machine_arn = "arn:${local.partition}:states:${local.place}:stateMachine:${var.name}"
}

module "function" {
  source   = "../function"
  platform = var.platform

  function = {
    name         = var.name
    description  = "Proves that snapshots of the source ${var.source_name} restore, and that nothing of them was changed"
    package      = var.drill.package
    memory_mb    = var.drill.memory_mb
    ephemeral_mb = var.drill.ephemeral_mb
    environment = merge(var.drill.environment, {
      HOLDFAST_DRILL_SLICES = tostring(var.drill.slices)
      HOLDFAST_DRILLS       = local.state_machine_arn
    })
    policies = var.drill.policies
  }
}

resource "aws_sfn_state_machine" "drill" {
  name       = var.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.state_machine.arn
  definition = jsonencode(local.definition)

  depends_on = [aws_iam_role_policy.state_machine]
}

# A drill lasts as long as it takes: the function works for a quarter of an hour, and goes on where it stopped.
locals {
  definition = {
    Comment        = "Drills the source ${var.source_name}, part by part"
    StartAt        = "Prepare"
    TimeoutSeconds = 3 * 24 * 3600

    States = {
      Prepare = {
        Type       = "Pass"
        Parameters = { source = var.source_name, "started.$" = "$$.Execution.StartTime", part = null, failure = null }
        Next       = "Drill"
      }

      Drill = {
        Type       = "Task"
        Resource   = local.invoke
        Parameters = { FunctionName = module.function.function.arn, Payload = merge(local.told, { close = false }) }
        ResultSelector = {
          for name in ["drilled", "bytes", "left", "notDrilled", "chain"] : "${name}.$" => "$.Payload.${name}"
        }
        ResultPath     = "$.part"
        TimeoutSeconds = local.timeout_seconds
        Retry          = local.retry
        Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.failure", Next = "Close" }]
        Next           = "AnythingLeft"
      }

      AnythingLeft = {
        Type    = "Choice"
        Choices = [{ Variable = "$.part.left", NumericGreaterThan = 0, Next = "Drill" }]
        Default = "Close"
      }

      # Stores and tells what was found, also of a drill that did not come to its end.
      Close = {
        Type           = "Task"
        Resource       = local.invoke
        Parameters     = { FunctionName = module.function.function.arn, Payload = merge(local.told, { close = true }) }
        ResultSelector = { "Payload.$" = "$.Payload" }
        ResultPath     = "$.found"
        TimeoutSeconds = local.timeout_seconds
        Retry          = local.retry
        Next           = "CameToItsEnd"
      }

      CameToItsEnd = {
        Type    = "Choice"
        Choices = [{ Variable = "$.failure", IsNull = true, Next = "Done" }]
        Default = "Unfinished"
      }

      Done = { Type = "Succeed" }

      # Not a drill by which others could be taken for proven: the alarm on overdue drills goes by those that succeed.
      Unfinished = { Type = "Fail", Error = "UnfinishedDrill", Cause = "Not every snapshot had its turn; the notification says why" }
    }
  }

  invoke = "arn:${local.partition}:states:::lambda:invoke"
  told   = { for name in ["source", "started", "part", "failure"] : "${name}.$" => "$.${name}" }

  # The function ends by its own timeout; the state's ends what never answered.
  timeout_seconds = module.function.function.timeout_seconds + 60

  # What passes by itself: of Lambda, of the network of a function that was idle for weeks, and by the names that the
  # function gives it. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
  retry = [{
    ErrorEquals = [
      "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
      "Lambda.ResourceNotReadyException", "Lambda.ResourceConflictException", "Lambda.EC2ThrottledException",
      "Lambda.EC2UnexpectedException", "Lambda.EC2AccessDeniedException", "Lambda.ENILimitReachedException",
      "Lambda.SubnetIPAddressLimitReachedException", "Unavailable", "Stalled", "StorageFailed",
    ]
    IntervalSeconds = 15
    BackoffRate     = 2
    MaxDelaySeconds = 300
    MaxAttempts     = 8
  }]
}
