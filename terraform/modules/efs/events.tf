# What the orchestrator hears of: each may come twice, late, or never, and it copes with all of that.
locals {
  event_rules = {
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
    instances = {
      description = "An instance that backs up EFS comes or goes"
      pattern = jsonencode({
        source = ["aws.autoscaling"]
        "detail-type" = [
          "EC2 Instance-launch Lifecycle Action", "EC2 Instance-terminate Lifecycle Action", "EC2 Instance Terminate Successful",
          "EC2 Instance Terminate Unsuccessful", "EC2 Instance Launch Unsuccessful",
        ]
        detail = { AutoScalingGroupName = values(local.groups) }
      })
    }
    finished = {
      description = "An instance has done its task over EFS, or could not begin it"
      pattern = jsonencode({
        account       = [local.account]
        source        = ["holdfast.efs"]
        "detail-type" = ["EFS Task Finished"]
      })
    }
  }
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each      = local.event_rules
  name          = "${local.name}-${each.key}"
  description   = each.value.description
  event_pattern = each.value.pattern
}

resource "aws_cloudwatch_event_target" "events" {
  for_each  = local.event_rules
  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = "orchestrator"
  arn       = module.orchestrator.function.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  # The first event must be let in.
  depends_on = [aws_lambda_permission.events, aws_sqs_queue_policy.dead_letters]
}

# Lets these rules invoke the function, by its alias only.
resource "aws_lambda_permission" "events" {
  for_each      = local.event_rules
  statement_id  = "events-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.orchestrator.function.name
  qualifier     = "live"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.events[each.key].arn
}
