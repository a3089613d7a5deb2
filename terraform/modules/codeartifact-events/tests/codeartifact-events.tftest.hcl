mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  bus_arn = "arn:aws:events:eu-central-1:210987654321:event-bus/holdfast-codeartifact"
}

run "sends_what_happens_to_versions" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.changes.event_pattern) == {
      source = ["aws.codeartifact"], "detail-type" = ["CodeArtifact Package Version State Change"]
    }
    error_message = "in all domains"
  }
  assert {
    condition     = aws_cloudwatch_event_target.bus.arn == var.bus_arn && aws_cloudwatch_event_target.bus.role_arn == aws_iam_role.events.arn
    error_message = "to the bus, by the role"
  }
}

run "sends_nothing_of_domains_that_are_not_named" {
  variables {
    domains = ["partner"]
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.changes.event_pattern).detail == { domainName = ["partner"] }
    error_message = "where any are"
  }
}

run "can_send_there_and_nowhere_else" {
  assert {
    condition     = [for statement in data.aws_iam_policy_document.events.statement : [statement.actions, statement.resources]] == [[toset(["events:PutEvents"]), toset([var.bus_arn])]]
    error_message = "the role does nothing else"
  }
  assert {
    condition = { for condition in one(data.aws_iam_policy_document.trust.statement).condition : condition.variable => toset(condition.values) } == {
      "aws:SourceArn"     = toset([aws_cloudwatch_event_rule.changes.arn])
      "aws:SourceAccount" = toset(["123456789012"])
    }
    error_message = "for the rule alone"
  }
}

run "stands_in_several_regions" {
  assert {
    condition     = aws_iam_role.events.name == "holdfast-codeartifact-events-eu-central-1"
    error_message = "an account has each role but once"
  }
}

run "refuses_what_is_no_bus" {
  command = plan
  variables {
    bus_arn = "holdfast-codeartifact"
  }
  expect_failures = [var.bus_arn]
}

run "refuses_a_wildcard_for_a_domain" {
  command = plan
  variables {
    domains = ["part*"]
  }
  expect_failures = [var.domains]
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
