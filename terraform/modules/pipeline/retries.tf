# Each wait is drawn at random up to the limit that grows with the attempts, so that the items of a run do not all
# come back at the same moment.
locals {
  # Lambda itself could not be reached, or has no room at the moment.
  # https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
  retry_service = {
    ErrorEquals = [
      "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
      "Lambda.TooManyRequestsException",
    ]
    IntervalSeconds = 2
    BackoffRate     = 2
    MaxDelaySeconds = 120
    MaxAttempts     = 8
    JitterStrategy  = "FULL"
  }

  # A function in a VPC that was idle for weeks has lost its network interfaces. The first invocation is refused and
  # brings them back, which takes minutes; a change of the function, or a VPC that has no room, refuses it as well. No
  # jitter: drawn at random, all the waits together could be shorter than what they wait for.
  # https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
  retry_network = {
    ErrorEquals = [
      "Lambda.ResourceNotReadyException", "Lambda.ResourceConflictException", "Lambda.EC2ThrottledException", "Lambda.EC2UnexpectedException",
      "Lambda.EC2AccessDeniedException", "Lambda.ENILimitReachedException", "Lambda.SubnetIPAddressLimitReachedException",
    ]
    IntervalSeconds = 15
    BackoffRate     = 1.5
    MaxDelaySeconds = 120
    MaxAttempts     = 12
  }

  # What passes by itself, by the names that the functions give it.
  transient = ["RateLimited", "Unavailable", "Stalled", "Truncated", "StorageFailed"]

  retry_transient = {
    ErrorEquals     = local.transient
    IntervalSeconds = 30
    BackoffRate     = 2
    MaxDelaySeconds = 900
    MaxAttempts     = 4
    JitterStrategy  = "FULL"
  }

  # An item may also change, or be damaged, on its way.
  retry_item = merge(local.retry_transient, { ErrorEquals = concat(local.transient, ["RefMoved", "Corrupt"]) })

  # CodeBuild refuses builds beyond the account's limit, so they wait for the others to end.
  retry_build_queue = {
    ErrorEquals = [
      "CodeBuild.AccountLimitExceededException", "CodeBuild.ThrottlingException", "CodeBuild.SdkClientException",
      # What Step Functions calls an error of CodeBuild for which it has no name of its own.
      "CodeBuild.AWSCodeBuildException", "CodeBuild.CodeBuildException",
    ]
    IntervalSeconds = 30
    BackoffRate     = 2
    MaxDelaySeconds = 900
    MaxAttempts     = 100
    JitterStrategy  = "FULL"
  }

  # The program tries again by itself what passes; this is for a machine that failed beneath it.
  retry_build = {
    ErrorEquals     = ["States.TaskFailed"]
    IntervalSeconds = 30
    MaxAttempts     = 1
    BackoffRate     = 2
    MaxDelaySeconds = 60
    JitterStrategy  = "FULL"
  }
}
