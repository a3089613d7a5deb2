# Tells a deployment of another account or region what happens to the packages in this account's domains in this region:
# once for each region whose publications are to be heard within minutes. What gets lost on the way the deployment's
# schedule catches.
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

# What of it matters the deployment's own rule says.
# https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html
resource "aws_cloudwatch_event_rule" "changes" {
  name        = var.name
  description = "A version of a package was published, changed or deleted"
  event_pattern = jsonencode(merge(
    {
      source        = ["aws.codeartifact"]
      "detail-type" = ["CodeArtifact Package Version State Change"]
    },
    { for field, names in { detail = { domainName = var.domains } } : field => names if length(var.domains) > 0 },
  ))
}

resource "aws_cloudwatch_event_target" "bus" {
  rule      = aws_cloudwatch_event_rule.changes.name
  target_id = "bus"
  arn       = var.bus_arn
  role_arn  = aws_iam_role.events.arn

  # The first event must find the role with its right.
  depends_on = [aws_iam_role_policy.events]
}
