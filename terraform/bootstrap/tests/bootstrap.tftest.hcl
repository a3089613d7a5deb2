# All by plan: the state's bucket must not be destroyed, so it could not be cleared away after an apply either.
mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  repository = { owner = "acme", name = "holdfast", owner_id = 1234, id = 5678 }
}

run "keeps_the_state_safe" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket.state.bucket) > 0 && strcontains(regex("(?s)resource \"aws_s3_bucket\" \"state\" .*?\n}\n", file("state.tf")), "prevent_destroy = true")
    error_message = "Terraform refuses to destroy it"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled",
      one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256",
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
      anytrue([for statement in data.aws_iam_policy_document.state.statement : statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport"])]),
    ])
    error_message = "versioned, encrypted, private, by TLS only"
  }
}

run "trusts_pull_requests_to_plan_and_the_environment_to_apply" {
  command = plan

  assert {
    condition = {
      for use, document in data.aws_iam_policy_document.trust : use => toset(flatten([
        for condition in document.statement[0].condition : tolist(condition.values) if endswith(condition.variable, ":sub")
      ]))
      } == {
      plan  = toset(["repo:acme/holdfast:pull_request", "repo:acme@1234/holdfast@5678:pull_request"])
      apply = toset(["repo:acme/holdfast:environment:production", "repo:acme@1234/holdfast@5678:environment:production"])
    }
    error_message = "in both formats of the subject"
  }
  assert {
    condition = alltrue(flatten([
      for document in values(data.aws_iam_policy_document.trust) : [for condition in document.statement[0].condition : condition.test == "StringEquals"]
    ]))
    error_message = "compared letter by letter"
  }
  assert {
    condition = alltrue([
      for document in values(data.aws_iam_policy_document.trust) :
      anytrue([for condition in document.statement[0].condition : endswith(condition.variable, ":aud") && condition.values == tolist(["sts.amazonaws.com"])])
    ])
    error_message = "for tokens that are meant for AWS"
  }
}

run "knows_the_plain_subject_alone" {
  command = plan
  variables {
    repository = { owner = "acme", name = "holdfast" }
  }

  assert {
    condition     = local.subjects.apply == ["repo:acme/holdfast:environment:production"]
    error_message = "without numbers there is only one format"
  }
}

run "uses_the_provider_that_is_there" {
  command = plan
  variables {
    oidc = { provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "an account can have only one"
  }
}

run "plans_without_changing_anything" {
  command = plan

  assert {
    condition     = toset(local.attached.plan) == toset(["state", "read", "read_storage"])
    error_message = "the plan role reads"
  }
  assert {
    condition = alltrue(flatten([
      for statement in concat(tolist(data.aws_iam_policy_document.read.statement), tolist(data.aws_iam_policy_document.read_storage.statement)) : [for action in statement.actions : can(regex("^[a-z0-9]+:(Get|List|Describe|BatchGet|Validate)", action))] if statement.effect != "Deny"
    ]))
    error_message = "and nothing but"
  }
  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.state_access.statement : [for arn in statement.resources : endswith(arn, ".tflock")] if contains(statement.actions, "s3:PutObject")
    ]))
    error_message = "beside taking the lock"
  }
}

run "tags_buckets_as_newer_providers_do" {
  command = plan

  assert {
    condition = alltrue([for action in ["s3:TagResource", "s3:UntagResource"] : anytrue([
      for statement in data.aws_iam_policy_document.storage.statement : contains(statement.actions, action) && contains(statement.resources, local.arns.buckets[0])
    ])])
    error_message = "by S3 Control, on buckets"
  }
}

run "reads_no_secret_and_no_snapshot" {
  command = plan

  assert {
    condition = !contains(flatten(concat(
      [for statement in concat(tolist(data.aws_iam_policy_document.read.statement), tolist(data.aws_iam_policy_document.read_storage.statement)) : tolist(statement.actions)],
      [for statement in data.aws_iam_policy_document.storage.statement : tolist(statement.actions)],
    )), "secretsmanager:GetSecretValue")
    error_message = "neither role reads a secret's value"
  }
  assert {
    condition = alltrue(flatten([
      for document in [data.aws_iam_policy_document.read, data.aws_iam_policy_document.read_storage, data.aws_iam_policy_document.storage] : [
        for statement in document.statement : [
          for action in statement.actions : !can(regex("^s3:(Get|Put|Delete)Object", action)) || alltrue([for arn in statement.resources : strcontains(arn, "artifacts")])
        ] if statement.sid != "State"
      ]
    ]))
    error_message = "and objects only where the programs are, and the state"
  }
}

run "cannot_delete_what_it_guards" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.storage.statement : [
        for action in statement.actions : !startswith(action, "s3:Delete") || alltrue([for arn in statement.resources : strcontains(arn, "artifacts")])
      ]
    ]))
    error_message = "the vault's bucket"
  }
  assert {
    condition = length(setsubtract(
      ["s3:DeleteBucket", "s3:*Object", "s3:*ObjectVersion*", "s3:BypassGovernanceRetention"],
      flatten([for statement in data.aws_iam_policy_document.vault.statement : tolist(statement.actions) if statement.sid == "NotWhatIsKept" && statement.effect == "Deny"]),
    )) == 0
    error_message = "not even where a policy of the bucket lets it"
  }
  assert {
    condition = one([for statement in data.aws_iam_policy_document.vault.statement : statement.resources if statement.sid == "NotWhatIsKept"]) == toset([
      "arn:aws:s3:::holdfast-vault-123456789012-eu-central-1", "arn:aws:s3:::holdfast-vault-123456789012-eu-central-1/*",
      "arn:aws:s3:::holdfast-efs-logs-123456789012-eu-central-1", "arn:aws:s3:::holdfast-efs-logs-123456789012-eu-central-1/*",
    ])
    error_message = "nor that of the results of tasks over EFS"
  }
  assert {
    condition = length(setsubtract(
      ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:Decrypt", "kms:CreateGrant", "kms:RevokeGrant"],
      flatten([for statement in data.aws_iam_policy_document.vault.statement : tolist(statement.actions) if statement.effect == "Deny"]),
    )) == 0
    error_message = "or its key, or what that has encrypted"
  }
}

run "leaves_how_the_vault_is_protected_to_an_administrator" {
  command = plan

  assert {
    condition = length(setsubtract(
      [
        "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
        "s3:PutBucketObjectLockConfiguration", "s3:PutReplicationConfiguration", "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "kms:PutKeyPolicy",
      ],
      one([for statement in data.aws_iam_policy_document.vault.statement : statement.actions if statement.sid == "NotHowItIsProtected" && statement.effect == "Deny" && length(statement.condition) == 0]),
    )) == 0
    error_message = "who may change a policy, a lifecycle or a key's policy can remove everything"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.vault.statement : statement.effect == "Deny"])
    error_message = "nothing is granted beside"
  }
  assert {
    condition = length(setintersection(
      flatten([for statement in data.aws_iam_policy_document.storage.statement : tolist(statement.actions)]),
      ["kms:CreateKey", "kms:PutKeyPolicy"],
    )) == 0
    error_message = "keys are made only by the role that may set up a vault: a key that is tagged as the deployment's would be its own"
  }
}

run "lets_the_vault_change_for_a_day" {
  command = plan
  variables {
    vault_changes = true
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.vault.statement :
      anytrue([for condition in statement.condition : condition.test == "DateLessThan" && condition.variable == "aws:CurrentTime"]) if statement.effect != "Deny"
    ])
    error_message = "all that is granted then ends by itself"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.vault.statement : one(statement.condition).test if statement.sid == "NotHowItIsProtected"] == ["DateGreaterThanEquals"]
    error_message = "and is denied afterwards, as at all other times"
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.vault.statement : tolist(statement.actions) if statement.effect != "Deny"])) == toset(concat(
      local.vault_protection, ["kms:CreateKey", "kms:TagResource", "kms:PutKeyPolicy"],
    ))
    error_message = "no right to delete anything is among it"
  }
}

run "keeps_to_what_is_called_by_its_sources" {
  command = plan
  variables {
    name = "e2e"
  }

  assert {
    condition = alltrue(flatten([
      for document in [data.aws_iam_policy_document.storage, data.aws_iam_policy_document.compute, data.aws_iam_policy_document.observation, data.aws_iam_policy_document.identity] : [
        for statement in document.statement : [for arn in statement.resources : !can(regex("e2e-\\*", arn))] if statement.effect != "Deny"
      ]
    ]))
    error_message = "e2e changes nothing of e2e-prod"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.identity.statement :
      anytrue([for condition in statement.condition : condition.variable == "iam:PermissionsBoundary"])
      if length(setintersection(statement.actions, ["iam:UpdateAssumeRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole", "iam:UpdateRole"])) > 0
    ])
    error_message = "nor a role that was made by others: those are not under its boundary"
  }
  assert {
    condition = alltrue([
      for document in values(data.aws_iam_policy_document.another_deployment) :
      one(document.statement).effect == "Deny" && contains([for condition in one(document.statement).condition : [condition.test, condition.variable, one(condition.values)]], ["StringNotEquals", "aws:ResourceTag/holdfast", "e2e"])
    ])
    error_message = "and what is tagged as another deployment's is denied to its roles"
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.identity.statement : one(one(statement.condition).values) => statement.resources if contains(statement.actions, "iam:PassRole")
    }["s3.amazonaws.com"] == toset(["arn:aws:iam::123456789012:role/e2e-replication"])
    error_message = "each service is handed its own roles"
  }
}

run "refuses_a_name_that_is_part_of_anothers" {
  command = plan
  variables {
    name = "e2e-efs"
  }
  expect_failures = [var.name]
}

run "gives_roles_no_more_than_the_boundary" {
  command = plan

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.identity.statement :
      anytrue([for condition in statement.condition : condition.variable == "iam:PermissionsBoundary" && condition.values == tolist([aws_iam_policy.boundary.arn])])
      if statement.effect != "Deny" && length(setintersection(statement.actions, ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])) > 0
    ])
    error_message = "roles are made under the boundary"
  }
  assert {
    condition = length(setintersection(
      flatten([for statement in data.aws_iam_policy_document.identity.statement : tolist(statement.actions) if statement.effect != "Deny"]),
      ["iam:*", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:CreateAccessKey"],
    )) == 0
    error_message = "and there is no way round it"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.identity.statement :
      statement.effect == "Deny" && toset(statement.resources) == toset(["arn:aws:iam::123456789012:role/holdfast-deploy-plan", "arn:aws:iam::123456789012:role/holdfast-deploy-apply"])
    ])
    error_message = "not even for the roles that deploy"
  }
  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.boundary.statement : tolist(statement.actions)]), "s3:DeleteObjectVersion")
    error_message = "and no role ends a version"
  }
}

run "allows_everything_only_where_aws_knows_nothing_narrower" {
  command = plan

  assert {
    condition = toset(flatten([
      for document in [
        data.aws_iam_policy_document.read, data.aws_iam_policy_document.read_storage, data.aws_iam_policy_document.storage, data.aws_iam_policy_document.compute,
        data.aws_iam_policy_document.observation, data.aws_iam_policy_document.identity, data.aws_iam_policy_document.boundary,
      ] : [for statement in document.statement : tolist(statement.actions) if contains(statement.resources, "*") && statement.effect != "Deny"]
      ])) == toset([
      "kms:ListAliases", "cloudwatch:DescribeAlarms", "states:ValidateStateMachineDefinition", "codecommit:ListRepositories", "codecommit:GetApprovalRuleTemplate", "codeartifact:ListDomains",
      "sts:GetServiceBearerToken",
      "lambda:GetEventSourceMapping", "lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping",
      "sns:GetSubscriptionAttributes", "sns:Unsubscribe", "events:PutPermission", "events:RemovePermission", "logs:*LogDeliver*",
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
      "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
      "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSampling*",
    ])
    error_message = "every other statement names its resources"
  }
}

run "maps_events_to_functions_of_the_deployment_only" {
  command = plan

  assert {
    condition = alltrue([
      for statement in concat(tolist(data.aws_iam_policy_document.read.statement), tolist(data.aws_iam_policy_document.compute.statement)) :
      anytrue([for condition in statement.condition : condition.variable == "lambda:FunctionArn" && condition.values == tolist(local.arns.functions)])
      if anytrue([for action in statement.actions : endswith(action, "EventSourceMapping")])
    ])
    error_message = "a mapping belongs to its function"
  }
}

run "lets_roles_read_repositories_and_take_events" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.boundary.statement : [for action in statement.actions : action if startswith(action, "codecommit:")]
      ])) == toset([
      "codecommit:ListRepositories", "codecommit:List*", "codecommit:BatchGetRepositories", "codecommit:GitPull", "codecommit:GetRepository*",
      "codecommit:GetApprovalRuleTemplate",
    ])
    error_message = "none writes to CodeCommit"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.boundary.statement :
      contains(statement.actions, "sqs:*Message") && contains(statement.resources, "arn:aws:sqs:eu-central-1:123456789012:holdfast-*")
    ])
    error_message = "from the queues of events"
  }
}

run "lets_roles_read_packages_of_the_account" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.boundary.statement : [for action in statement.actions : action if startswith(action, "codeartifact:")]
      ])) == toset([
      "codeartifact:ListDomains", "codeartifact:List*", "codeartifact:Describe*", "codeartifact:Get*", "codeartifact:ReadFromRepository",
    ])
    error_message = "none publishes or deletes; a token lets its role do no more than the role may"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.boundary.statement : statement.resources if statement.sid == "Packages"]) == toset(["arn:aws:codeartifact:*:123456789012:*"])
    error_message = "of no other account"
  }
}

run "lets_roles_read_packages_of_accounts_that_are_named" {
  command = plan
  variables {
    granted = { domain_owners = ["210987654321"] }
  }

  assert {
    condition = one([for statement in data.aws_iam_policy_document.boundary.statement : statement.resources if statement.sid == "Packages"]) == toset([
      "arn:aws:codeartifact:*:123456789012:*", "arn:aws:codeartifact:*:210987654321:*",
    ])
    error_message = "beside those of the own"
  }
}

run "refuses_an_owner_that_is_no_account" {
  command = plan
  variables {
    granted = { domain_owners = ["*"] }
  }
  expect_failures = [var.granted]
}

run "lets_roles_assume_none_by_default" {
  command = plan

  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.boundary.statement : anytrue([for action in statement.actions : startswith(action, "sts:Assume")])])
    error_message = "without other accounts there is nothing to assume"
  }
  assert {
    condition     = contains(flatten([for statement in data.aws_iam_policy_document.boundary.statement : tolist(statement.actions)]), "s3:PutObjectTagging")
    error_message = "but snapshots can be tagged"
  }
}

run "lets_roles_assume_those_that_are_named" {
  command = plan
  variables {
    granted = { roles = ["arn:aws:iam::210987654321:role/reader"] }
  }

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.boundary.statement : statement.resources if contains(statement.actions, "sts:AssumeRole")
    ] == [toset(["arn:aws:iam::210987654321:role/reader"])]
    error_message = "and no other"
  }
}

run "lets_nobody_into_a_vpc_by_default" {
  command = plan

  assert {
    condition = !anytrue(flatten([
      for document in [data.aws_iam_policy_document.boundary, data.aws_iam_policy_document.read] :
      [for statement in document.statement : [for action in statement.actions : startswith(action, "ec2:")]]
    ]))
    error_message = "without one there is nothing to connect to"
  }
}

run "lets_functions_into_a_vpc_and_deployers_look_at_it" {
  command = plan
  variables {
    granted = { network = true }
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.boundary.statement : [for action in statement.actions : action if startswith(action, "ec2:")]])) == toset([
      "ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface", "ec2:*ssignPrivateIpAddresses",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions",
    ])
    error_message = "interfaces, and nothing else of EC2"
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.read.statement : [for action in statement.actions : action if startswith(action, "ec2:")]])) == toset(["ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"])
    error_message = "and those who deploy only look"
  }
}

run "refuses_a_wildcard_for_a_role" {
  command = plan
  variables {
    granted = { roles = ["arn:aws:iam::210987654321:role/*"] }
  }
  expect_failures = [var.granted]
}

run "refuses_one_number_without_the_other" {
  command = plan
  variables {
    repository = { owner = "acme", name = "holdfast", id = 5678 }
  }
  expect_failures = [var.repository]
}

run "refuses_a_wildcard_for_an_environment" {
  command = plan
  variables {
    repository = { owner = "acme", name = "holdfast", environment = "*" }
  }
  expect_failures = [var.repository]
}

run "refuses_a_wildcard_for_a_secret" {
  command = plan
  variables {
    granted = { secrets = ["prod/*"] }
  }
  expect_failures = [var.granted]
}
