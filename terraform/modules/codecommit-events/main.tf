# Tells a deployment of another account or region what happens to the repositories of this account in this region: once
# for each region whose pushes are to be heard within minutes. What gets lost on the way the deployment's schedule catches.
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  rules = {
    # https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
    pushes = {
      description = "Something was pushed to a repository"
      pattern = {
        source        = ["aws.codecommit"]
        "detail-type" = ["CodeCommit Repository State Change"]
      }
    }
    # CodeCommit itself tells of no deletion. CloudTrail does, where a trail logs the management events of the region.
    deletions = {
      description = "A repository was deleted"
      pattern = {
        source        = ["aws.codecommit"]
        "detail-type" = ["AWS API Call via CloudTrail"]
        detail        = { eventName = ["DeleteRepository"] }
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each      = local.rules
  name          = "${var.name}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "bus" {
  for_each  = local.rules
  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = "bus"
  arn       = var.bus_arn
  role_arn  = aws_iam_role.events.arn

  # The first event must find the role with its right.
  depends_on = [aws_iam_role_policy.events]
}
