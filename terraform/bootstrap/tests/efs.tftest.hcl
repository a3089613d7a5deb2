# All by plan: the state's bucket must not be destroyed, so it could not be cleared away after an apply either.
mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  repository = { owner = "acme", name = "holdfast", owner_id = 1234, id = 5678 }
  granted    = { efs = { security_groups = ["sg-42"] } }
}

run "grants_nothing_for_efs_unless_asked" {
  command = plan
  variables {
    granted = {}
  }

  assert {
    condition     = length(data.aws_iam_policy_document.efs_boundary) + length(data.aws_iam_policy_document.efs_read) + length(data.aws_iam_policy_document.efs_change) == 0 && length(local.attached.apply) == 8 && length(data.aws_iam_policy_document.identity.source_policy_documents) == 0
    error_message = "who has no file systems needs no rights on machines"
  }
}

run "grants_it_to_the_roles_that_need_it" {
  command = plan

  assert {
    condition     = toset(local.attached.plan) == toset(["state", "read", "read_storage", "efs_read"]) && length(setsubtract(["efs_read", "efs_change"], local.attached.apply)) == 0
    error_message = "the plan reads, the apply changes"
  }
  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.efs_read[0].statement : [for action in statement.actions : can(regex("^[a-z0-9]+:(Get|List|Describe)", action))]
    ]))
    error_message = "and nothing but"
  }
  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.efs_read[0].statement : [for action in statement.actions : contains(["dynamodb:GetItem", "dynamodb:Scan"], action) || action == "s3:GetObject" && !alltrue([for arn in statement.resources : strcontains(arn, "artifacts")])]
    ]))
    error_message = "no records, and of objects the program alone"
  }
}

run "cannot_delete_snapshots" {
  command = plan

  assert {
    condition = length(setintersection(
      flatten([for document in [data.aws_iam_policy_document.efs_change[0], data.aws_iam_policy_document.efs_compute[0]] : [for statement in document.statement : tolist(statement.actions)]]),
      ["elasticfilesystem:DeleteFileSystem", "elasticfilesystem:*", "s3:DeleteBucket", "s3:DeleteObject", "elasticfilesystem:ClientWrite"],
    )) == 0
    error_message = "file systems and results stay with an administrator"
  }
}

run "changes_only_what_is_tagged_as_its_own" {
  command = plan

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement :
      anytrue([for condition in statement.condition : contains(["aws:RequestTag/holdfast", "aws:ResourceTag/holdfast", "ec2:CreateAction", "elasticfilesystem:CreateAction"], condition.variable) && condition.test == "StringEquals"])
      if anytrue([for arn in statement.resources : can(regex("(^\\*|:(file-system|launch-template|security-group|security-group-rule)/\\*)$", arn))]) && !contains(["LaunchByTemplate", "GivenSecurityGroups"], statement.sid)
    ])
    error_message = "file systems, launch templates and security groups have no names in their ARNs"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement :
      statement.sid == "GivenSecurityGroups" && contains(statement.resources, "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-42") && !contains(statement.actions, "ec2:DeleteSecurityGroup")
    ])
    error_message = "beside security groups that it is given to open"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement : statement.actions == toset(["elasticfilesystem:CreateFileSystem"]) if contains(statement.resources, "*")
    ])
    error_message = "and everything names its resources but the creation of a file system, for which EFS knows none"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement :
      contains(statement.actions, "ec2:AuthorizeSecurityGroupEgress") && contains(statement.resources, "arn:aws:ec2:eu-central-1:123456789012:security-group-rule/*") &&
      [for condition in statement.condition : condition.variable] == ["aws:RequestTag/holdfast"]
    ])
    error_message = "a rule that is not there yet has no tag but that which it is given"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement :
      contains(statement.actions, "ec2:CreateNetworkInterface") && contains(statement.resources, "arn:aws:ec2:eu-central-1:123456789012:security-group/*")
    ])
    error_message = "a mount target is made with its security group"
  }
}

run "has_one_command_for_instances" {
  command = plan

  assert {
    condition = (
      one([for statement in data.aws_iam_policy_document.efs_compute[0].statement : statement.resources if statement.sid == "Command"]) == toset(["arn:aws:ssm:eu-central-1:123456789012:document/holdfast-efs-stop"]) &&
      !strcontains(jsonencode(data.aws_iam_policy_document.efs_boundary[0].statement), "AWS-RunShellScript")
    )
    error_message = "and no document in which any command can be written"
  }
}

run "launches_nothing_but_by_its_templates" {
  command = plan

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.efs_change[0].statement :
      anytrue([for condition in statement.condition : condition.variable == "ec2:LaunchTemplate" || condition.variable == "aws:ResourceTag/holdfast"])
      if contains(statement.actions, "ec2:RunInstances")
    ])
    error_message = "which are tagged"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.efs_identity[0].statement : [statement.resources, one(statement.condition).values] if contains(statement.actions, "iam:PassRole")
    ] == [[toset(["arn:aws:iam::123456789012:role/holdfast-efs-*-instance"]), tolist(["ec2.amazonaws.com"])]]
    error_message = "and with no role but that of instances"
  }
}

run "bounds_what_the_orchestrator_and_instances_do" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.efs_boundary[0].statement : tolist(statement.actions) if contains(statement.resources, "*")
    ])) == toset(["autoscaling:DescribeAutoScalingGroups", "ssm:GetCommandInvocation", "cloudwatch:GetMetricStatistics", "ssmmessages:*", "ec2messages:*"])
    error_message = "everything is allowed only where AWS knows nothing narrower"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.efs_boundary[0].statement : [statement.resources, one(statement.condition).values] if contains(statement.actions, "iam:PassRole")
    ] == [[toset(["arn:aws:iam::123456789012:role/holdfast-efs-schedule"]), tolist(["scheduler.amazonaws.com"])]]
    error_message = "a role is handed to the scheduler, and no other role"
  }
  assert {
    condition     = anytrue([for arn in local.arns.logs : endswith(arn, "log-group:/aws/*/holdfast-efs*")])
    error_message = "instances write their log"
  }
}

run "refuses_a_wildcard_for_a_security_group" {
  command = plan
  variables {
    granted = { efs = { security_groups = ["*"] } }
  }
  expect_failures = [var.granted]
}
