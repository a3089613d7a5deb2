mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  readers     = { "210987654321" = ["arn:aws:iam::210987654321:role/holdfast-codecommit-*"] }
  external_id = "ours-alone"
}

run "trusts_the_readers_that_know_the_external_id" {
  assert {
    condition     = one(one(data.aws_iam_policy_document.trust.statement).principals).identifiers == toset(["arn:aws:iam::210987654321:root"])
    error_message = "of that account"
  }
  assert {
    condition = { for condition in one(data.aws_iam_policy_document.trust.statement).condition : condition.variable => [condition.test, condition.values] } == {
      "aws:PrincipalArn" = ["ArnLike", tolist(["arn:aws:iam::210987654321:role/holdfast-codecommit-*"])]
      "sts:ExternalId"   = ["StringEquals", tolist(["ours-alone"])]
    }
    error_message = "by these roles and this id"
  }
  assert {
    condition     = output.role.external_id == "ours-alone" && aws_iam_role.reader.name == "holdfast-codecommit-reader"
    error_message = "and says how it is to be named there"
  }
}

run "tells_nobody_of_pushes_unless_asked" {
  assert {
    condition     = length(module.events) == 0
    error_message = "runs by schedule find them"
  }
}

run "tells_those_who_read_of_pushes" {
  variables {
    events = { bus_arn = "arn:aws:events:eu-central-1:210987654321:event-bus/holdfast-codecommit" }
  }

  assert {
    condition     = length(module.events) == 1
    error_message = "by their bus"
  }
}

run "refuses_a_name_that_rules_cannot_have" {
  command = plan
  variables {
    name   = "reader@holdfast"
    events = { bus_arn = "arn:aws:events:eu-central-1:210987654321:event-bus/holdfast-codecommit" }
  }
  expect_failures = [var.name]
}

run "trusts_a_whole_account" {
  variables {
    readers     = { "210987654321" = [] }
    external_id = null
  }

  assert {
    condition = { for condition in one(data.aws_iam_policy_document.trust.statement).condition : condition.variable => condition.values } == {
      "aws:PrincipalArn" = tolist(["arn:aws:iam::210987654321:*"])
    }
    error_message = "which decides by its own policies"
  }
}

run "lists_and_reads_and_nothing_more" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.repositories.statement : [statement.actions, statement.resources]] == [
      [toset(["codecommit:ListRepositories"]), toset(["*"])],
      [toset(["codecommit:BatchGetRepositories", "codecommit:ListTagsForResource"]), toset(["arn:aws:codecommit:eu-central-1:123456789012:*"])],
      [
        toset([
          "codecommit:GitPull", "codecommit:GetRepository", "codecommit:GetRepositoryTriggers",
          "codecommit:ListAssociatedApprovalRuleTemplatesForRepository",
        ]),
        toset(["arn:aws:codecommit:eu-central-1:123456789012:*"]),
      ],
      [toset(["codecommit:GetApprovalRuleTemplate"]), toset(["*"])],
    ]
    error_message = "only the list knows no narrower resource"
  }
}

run "reads_only_what_is_named" {
  variables {
    regions      = ["eu-central-1", "us-east-1"]
    repositories = ["shop", "team-?-*"]
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.repositories.statement : statement.resources if !contains(statement.resources, "*")] == [
      toset(["arn:aws:codecommit:eu-central-1:123456789012:*", "arn:aws:codecommit:us-east-1:123456789012:*"]),
      toset([
        "arn:aws:codecommit:eu-central-1:123456789012:shop", "arn:aws:codecommit:eu-central-1:123456789012:team-?-*",
        "arn:aws:codecommit:us-east-1:123456789012:shop", "arn:aws:codecommit:us-east-1:123456789012:team-?-*",
      ]),
    ]
    error_message = "in each region, of all that it lists"
  }
}

run "works_in_other_partitions" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition     = local.every_repository == ["arn:aws-cn:codecommit:eu-central-1:123456789012:*"]
    error_message = "no partition is written down"
  }
}

run "refuses_to_trust_nobody" {
  command = plan
  variables {
    readers = {}
  }
  expect_failures = [var.readers]
}

run "refuses_a_role_of_another_account" {
  command = plan
  variables {
    readers = { "210987654321" = ["arn:aws:iam::333333333333:role/holdfast-codecommit-backup"] }
  }
  expect_failures = [var.readers]
}

run "refuses_an_external_id_that_sts_does_not_take" {
  command = plan
  variables {
    external_id = "ours alone"
  }
  expect_failures = [var.external_id]
}

run "refuses_a_path_for_a_repository" {
  command = plan
  variables {
    repositories = ["team/shop"]
  }
  expect_failures = [var.repositories]
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    regions = ["Frankfurt"]
  }
  expect_failures = [var.regions]
}

run "refuses_a_name_that_is_no_roles" {
  command = plan
  variables {
    name = "a role"
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

run "decrypts_repositories_by_keys_that_are_named" {
  variables {
    keys = ["arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
  }

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.repositories.statement : [statement.actions, toset(statement.resources), one(statement.condition).variable] if statement.sid == "DecryptRepositories"
    ] == [[toset(["kms:Decrypt"]), toset(var.keys), "kms:ViaService"]]
    error_message = "by way of CodeCommit, and for nothing else"
  }
}

run "refuses_an_alias_for_a_key" {
  command = plan
  variables {
    keys = ["alias/code"]
  }
  expect_failures = [var.keys]
}
