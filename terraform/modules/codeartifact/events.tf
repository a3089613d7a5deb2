# Backs up a version within minutes of its publication. Events are hints that may come twice, late or not at all: the
# function looks at the version itself, and the schedule catches what was missed.
locals {
  # As EventBridge can say it, which knows one of the wildcards that a glob may have. What has others is left open here:
  # the function goes by the filters themselves.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
  event_choices = [
    for filter in local.filters : {
      for field, choice in {
        # No role here could read an event of a domain that was not chosen.
        domainOwner    = { globs = [filter.owner], open = false }
        domainName     = { globs = [filter.domain], open = !can(regex("^[\\w.*-]+$", filter.domain)) }
        repositoryName = { globs = filter.repositories, open = !alltrue([for glob in filter.repositories : can(regex("^[\\w.*-]+$", glob))]) }
        packageFormat  = { globs = filter.formats, open = false }
        } : field => concat(
        [for glob in choice.globs : glob if !strcontains(glob, "*")],
        # Two in a row EventBridge refuses; they mean the same as one.
        [for glob in choice.globs : { wildcard = replace(glob, "/\\*+/", "*") } if strcontains(glob, "*")],
      ) if !choice.open && !contains(choice.globs, "*")
    }
  ]
  # Filters that differ only in what EventBridge cannot say are one choice. As text, since they differ in their fields.
  distinct_choices = distinct([for choice in local.event_choices : jsonencode(choice)])
  # A pattern has at most 2,048 characters. What is more is left to the function as well.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
  is_sayable = length(jsonencode(local.distinct_choices)) <= 1600
  # $or takes two choices or more; EventBridge reads it as the name of a field where there is only one.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or
  event_choice = jsondecode(
    !local.is_sayable ? jsonencode({ domainOwner = distinct(local.filters[*].owner) }) :
    length(local.distinct_choices) == 1 ? one(local.distinct_choices) :
    jsonencode({ "$or" = [for choice in local.distinct_choices : jsondecode(choice)] })
  )

  # https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html
  event_pattern = jsonencode({
    region        = local.regions
    source        = ["aws.codeartifact"]
    "detail-type" = ["CodeArtifact Package Version State Change"]
    # Until a version is finished, there is nothing to keep of it.
    detail = merge(local.event_choice, { packageVersionState = ["Published", "Unlisted", "Archived", "Disposed", "Deleted"] })
  })

  event_rules = { for name, rule in {
    # The account's own bus, on which AWS tells of its domains, and of its repositories in domains of others.
    changes = { bus = null, heard = true }
    # Those of other accounts come where the module codeartifact-events sends them.
    changes-elsewhere = { bus = one(aws_cloudwatch_event_bus.events[*].name), heard = local.elsewhere }
  } : name => rule if var.codeartifact.events && rule.heard }
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each       = local.event_rules
  name           = "${local.name}-${each.key}"
  description    = "A version of a package was published, changed or deleted"
  event_pattern  = local.event_pattern
  event_bus_name = each.value.bus
}

resource "aws_cloudwatch_event_target" "events" {
  for_each       = local.event_rules
  event_bus_name = aws_cloudwatch_event_rule.events[each.key].event_bus_name
  rule           = aws_cloudwatch_event_rule.events[each.key].name
  target_id      = "events"
  arn            = module.on_event[0].queue.arn

  # What cannot even be queued raises the alarm on the pipeline's queue.
  dead_letter_config {
    arn = module.source.deployed.dead_letters.arn
  }
}
