mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  bus_arn = "arn:aws:events:eu-central-1:210987654321:event-bus/holdfast-codecommit"
}

run "sends_pushes_and_deletions" {
  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.events : name => jsondecode(rule.event_pattern) } == {
      pushes = { source = ["aws.codecommit"], "detail-type" = ["CodeCommit Repository State Change"] }
      deletions = {
        source        = ["aws.codecommit"]
        "detail-type" = ["AWS API Call via CloudTrail"]
        detail        = { eventName = ["DeleteRepository"] }
      }
    }
    error_message = "and no other calls that CloudTrail logs"
  }
  assert {
    condition     = alltrue([for target in values(aws_cloudwatch_event_target.bus) : target.arn == var.bus_arn && target.role_arn == aws_iam_role.events.arn]) && length(aws_cloudwatch_event_target.bus) == 2
    error_message = "to the bus, by the role"
  }
}

run "can_send_there_and_nowhere_else" {
  assert {
    condition     = [for statement in data.aws_iam_policy_document.events.statement : [statement.actions, statement.resources]] == [[toset(["events:PutEvents"]), toset([var.bus_arn])]]
    error_message = "the role does nothing else"
  }
  assert {
    condition = { for condition in one(data.aws_iam_policy_document.trust.statement).condition : condition.variable => toset(condition.values) } == {
      "aws:SourceArn"     = toset(values(aws_cloudwatch_event_rule.events)[*].arn)
      "aws:SourceAccount" = toset(["123456789012"])
    }
    error_message = "for the rules alone"
  }
}

run "stands_in_several_regions" {
  assert {
    condition     = aws_iam_role.events.name == "holdfast-codecommit-events-eu-central-1"
    error_message = "an account has each role but once"
  }
}

run "refuses_what_is_no_bus" {
  command = plan
  variables {
    bus_arn = "holdfast-codecommit"
  }
  expect_failures = [var.bus_arn]
}

run "refuses_a_name_that_leaves_no_room_for_the_region" {
  command = plan
  variables {
    name = "a-name-that-is-so-long-that-with-the-region-no-role-has-it"
  }
  expect_failures = [var.name]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan
  variables {
    permissions_boundary = "boundary"
  }
  expect_failures = [var.permissions_boundary]
}
