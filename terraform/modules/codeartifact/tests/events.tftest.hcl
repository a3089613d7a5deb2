mock_provider "aws" {
  source = "../../tests/mocks"

  override_resource {
    target = module.on_event[0].aws_sqs_queue.events
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codeartifact-events", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/events" }
  }
  override_resource {
    target = module.on_event[0].aws_sqs_queue.dead_letters
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codeartifact-events-dead-letters", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead" }
  }
  override_resource {
    target = aws_cloudwatch_event_rule.events["changes"]
    values = { arn = "arn:aws:events:eu-central-1:123456789012:rule/holdfast-codeartifact-changes" }
  }
}

variables {
  name         = "holdfast"
  codeartifact = { backup = { memory_mb = 1024 } }
  vault        = { bucket = "vault", arn = "arn:aws:s3:::vault" }
  artifacts    = "../../tests/artifacts"
  notifications = {
    topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
    key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days = 90
  }
}

run "hears_of_all_that_changes_what_is_kept" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern) == {
      region        = ["eu-central-1"]
      source        = ["aws.codeartifact"]
      "detail-type" = ["CodeArtifact Package Version State Change"]
      detail = {
        packageVersionState = ["Published", "Unlisted", "Archived", "Disposed", "Deleted"]
        domainOwner         = ["123456789012"]
      }
    }
    error_message = "in the account's own domains, and of nothing unfinished"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.events) == ["changes"] && aws_cloudwatch_event_target.events["changes"].arn == module.on_event[0].queue.arn
    error_message = "on the account's own bus, into the queue"
  }
  assert {
    condition     = aws_cloudwatch_event_target.events["changes"].dead_letter_config[0].arn == output.codeartifact.dead_letters.arn
    error_message = "and what does not get there is kept"
  }
}

run "hears_only_of_what_is_chosen" {
  variables {
    codeartifact = {
      regions = ["eu-central-1", "us-east-1"]
      filters = [
        { domain = "company", repositories = ["libraries", "team-**"], formats = ["maven"] },
        { domain = "shop-*" },
      ]
    }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern).detail["$or"] == [
      { domainOwner = ["123456789012"], domainName = ["company"], repositoryName = ["libraries", { wildcard = "team-*" }], packageFormat = ["maven"] },
      { domainOwner = ["123456789012"], domainName = [{ wildcard = "shop-*" }] },
    ]
    error_message = "any of the filters"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern).region == ["eu-central-1", "us-east-1"] && output.codeartifact.events.region_bus_arn == "arn:aws:events:eu-central-1:123456789012:event-bus/default"
    error_message = "also in other regions, which send their events here"
  }
}

run "says_a_single_filter_without_or" {
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = ["libraries"], formats = ["maven"] }] }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern).detail == {
      domainOwner         = ["123456789012"], domainName = ["company"], repositoryName = ["libraries"], packageFormat = ["maven"]
      packageVersionState = ["Published", "Unlisted", "Archived", "Disposed", "Deleted"]
    }
    error_message = "EventBridge takes $or with two choices or more"
  }
}

run "leaves_to_the_function_what_eventbridge_cannot_say" {
  variables {
    codeartifact = { filters = [{ domain = "{company,shop}", repositories = ["libraries", "team-?"] }, { domain = "ab?" }] }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern).detail == {
      domainOwner         = ["123456789012"]
      packageVersionState = ["Published", "Unlisted", "Archived", "Disposed", "Deleted"]
    }
    error_message = "rather than to miss anything, and filters that come to the same are one choice"
  }
}

run "leaves_to_the_function_what_would_outgrow_a_pattern" {
  variables {
    codeartifact = { filters = [{ domain = "company", repositories = [for number in range(150) : "repository-${number}"] }] }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["changes"].event_pattern).detail == {
      domainOwner         = ["123456789012"]
      packageVersionState = ["Published", "Unlisted", "Archived", "Disposed", "Deleted"]
    }
    error_message = "but for domains that no role here can read"
  }
}

run "hears_of_domains_of_other_accounts_on_a_bus_of_its_own" {
  variables {
    codeartifact = {
      filters = [{ domain = "company" }, { domain = "partner", owner = "210987654321" }, { domain = "own", owner = "123456789012" }]
    }
  }

  assert {
    condition     = { for name, rule in aws_cloudwatch_event_rule.events : name => rule.event_bus_name == "holdfast-codeartifact" } == { changes = false, changes-elsewhere = true }
    error_message = "beside the account's own"
  }
  assert {
    condition     = aws_cloudwatch_event_rule.events["changes"].event_pattern == aws_cloudwatch_event_rule.events["changes-elsewhere"].event_pattern
    error_message = "for the same events: those of a repository that this account has in another's domain come by themselves"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.event_bus[0].statement : [statement.actions, one(statement.principals).identifiers, statement.resources]] == [
      [toset(["events:PutEvents"]), toset(["arn:aws:iam::210987654321:root"]), toset([aws_cloudwatch_event_bus.events[0].arn])]
    ]
    error_message = "to which only their owners may send"
  }
  assert {
    condition     = output.codeartifact.events.account_bus_arn == aws_cloudwatch_event_bus.events[0].arn
    error_message = "which the output gives them"
  }
}

run "is_watched" {
  assert {
    condition     = output.codeartifact.functions["on_event"].name == "holdfast-codeartifact-on-event"
    error_message = "the function has its name"
  }
  assert {
    condition     = output.observed.events.dead_letters == { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codeartifact-events-dead-letters", name = "holdfast-codeartifact-events-dead-letters" }
    error_message = "what could not be dealt with raises an alarm"
  }
  assert {
    condition     = output.codeartifact.events.queue.name == "holdfast-codeartifact-events" && output.codeartifact.events.account_bus_arn == null
    error_message = "and the queue is known"
  }
}
