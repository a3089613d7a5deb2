# All by plan: the file system of the snapshots must not be destroyed, so it could not be cleared away after an apply.
mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name             = "holdfast-efs-home"
  file_system_name = "home"
  file_system      = { source = { file_system_id = "fs-0123456789abcdef0" } }
  network          = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2", "subnet-3"] }
  program          = { bucket = "artifacts", bucket_arn = "arn:aws:s3:::artifacts", key = "holdfast-0123.mjs", sha256 = "0123" }
  records = {
    table     = { name = "holdfast-efs", arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/holdfast-efs" }
    logs      = { bucket = "logs", arn = "arn:aws:s3:::logs" }
    log_group = { name = "/aws/ec2/holdfast-efs", arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/ec2/holdfast-efs" }
  }
  platform = { runtime = "nodejs22.x", permissions_boundary = "arn:aws:iam::123456789012:policy/boundary" }
}

run "keeps_the_snapshots_safe" {
  command = plan

  assert {
    condition     = length(aws_efs_file_system.vault) == 1 && strcontains(regex("(?s)resource \"aws_efs_file_system\" \"vault\" .*?\n}\n", file("vault.tf")), "prevent_destroy = true")
    error_message = "Terraform refuses to destroy them"
  }
  assert {
    condition     = aws_efs_file_system.vault[0].encrypted && aws_efs_file_system.vault[0].throughput_mode == "elastic" && aws_efs_file_system.vault[0].performance_mode == "generalPurpose"
    error_message = "encrypted, and as fast as it must be"
  }
  assert {
    condition     = aws_efs_backup_policy.vault[0].backup_policy[0].status == "DISABLED"
    error_message = "the backups are not backed up unless that is requested"
  }
  assert {
    condition     = [for target in aws_efs_mount_target.vault : target.subnet_id] == ["subnet-1", "subnet-2", "subnet-3"]
    error_message = "reachable from every subnet, also from three"
  }
  assert {
    condition     = one(aws_efs_file_system.vault[0].lifecycle_policy).transition_to_ia == "AFTER_30_DAYS"
    error_message = "what is not read becomes cheaper"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.vault[0].statement :
      statement.effect == "Deny" || alltrue([for principal in statement.principals : principal.identifiers == toset([aws_iam_role.instance.arn])])
      ]) && anytrue([
      for statement in data.aws_iam_policy_document.vault[0].statement :
      statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport" && condition.values == tolist(["false"])])
    ])
    error_message = "its policy lets its instances in and no one by plain text"
  }
}

run "starts_one_machine_at_most_and_none_by_itself" {
  command = plan

  assert {
    condition     = aws_autoscaling_group.group.min_size == 0 && aws_autoscaling_group.group.max_size == 1 && aws_autoscaling_group.group.desired_capacity == 0
    error_message = "the orchestrator decides"
  }
  assert {
    condition     = toset(aws_autoscaling_group.group.vpc_zone_identifier) == toset(["subnet-1", "subnet-2", "subnet-3"])
    error_message = "in any of the subnets"
  }
  assert {
    condition     = aws_autoscaling_group.group.suspended_processes == toset(["AZRebalance"])
    error_message = "and no machine is replaced amid its work for the sake of balance"
  }
  assert {
    condition = [for hook in [aws_autoscaling_lifecycle_hook.launch, aws_autoscaling_lifecycle_hook.terminate] : [hook.name, hook.lifecycle_transition, hook.default_result]] == [
      ["launch", "autoscaling:EC2_INSTANCE_LAUNCHING", "ABANDON"],
      ["terminate", "autoscaling:EC2_INSTANCE_TERMINATING", "ABANDON"],
    ]
    error_message = "what a hook does without an answer is set"
  }
}

run "launches_what_nobody_else_reaches" {
  command = plan

  assert {
    condition     = aws_launch_template.instance.metadata_options[0].http_tokens == "required" && aws_launch_template.instance.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "metadata by version 2, no further than the machine"
  }
  assert {
    condition     = aws_launch_template.instance.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.instance.network_interfaces[0].associate_public_ip_address == "false" && aws_launch_template.instance.key_name == null
    error_message = "an encrypted disk, no public address, no SSH key"
  }
  assert {
    condition     = aws_launch_template.instance.image_id == "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64" && aws_launch_template.instance.instance_type == "c7g.large"
    error_message = "the newest Amazon Linux, on ARM"
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.dns) == 0 && keys(aws_vpc_security_group_egress_rule.nfs) == ["10.0.0.0/16"] && alltrue([for rule in values(aws_vpc_security_group_egress_rule.https) : rule.to_port == 443])
    error_message = "it reaches mount targets in the VPC, and HTTPS"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.vault[0].to_port == 2049 && length(aws_vpc_security_group_ingress_rule.given) == 0
    error_message = "and nothing is let in except NFS into the vault"
  }
}

run "tells_the_machine_what_it_must_know_and_nothing_secret" {
  command = plan

  assert {
    condition = local.settings == {
      AWS_REGION              = "eu-central-1"
      HOLDFAST_EFS_TABLE      = "holdfast-efs"
      HOLDFAST_EFS_GROUP      = "holdfast-efs-home"
      HOLDFAST_EFS_LOGS       = "logs"
      HOLDFAST_LOG_GROUP      = "/aws/ec2/holdfast-efs"
      HOLDFAST_NODE           = "22"
      HOLDFAST_PROGRAM        = "s3://artifacts/holdfast-0123.mjs"
      HOLDFAST_PROGRAM_SHA256 = "0123"
    }
    error_message = "where its task, its program and its logs are"
  }
  assert {
    condition     = startswith(local.user_data, "#!/bin/bash\nexport AWS_REGION='eu-central-1'\n") && length(local.user_data) < 16000
    error_message = "EC2 takes no more than 16 KB"
  }
}

run "grants_instances_what_they_do" {
  command = plan

  assert {
    condition = { for statement in data.aws_iam_policy_document.instance.statement : statement.sid => statement.resources if statement.sid != "TakeCommands" } == {
      Mount = toset([
        "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123456789abcdef0",
        "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0fedcba9876543210",
      ])
      LoadProgram = toset(["arn:aws:s3:::artifacts/holdfast-*.mjs"])
      ReadTask    = toset(["arn:aws:dynamodb:eu-central-1:123456789012:table/holdfast-efs"])
      StoreResult = toset([
        "arn:aws:s3:::logs/efs/results/holdfast-efs-home/*", "arn:aws:s3:::logs/efs/snapshots/fs-0123456789abcdef0/*",
      ])
      RemoveManifests = toset(["arn:aws:s3:::logs/efs/snapshots/fs-0123456789abcdef0/*"])
      TellEnd         = toset(["arn:aws:events:eu-central-1:123456789012:event-bus/default"])
      Log             = toset(["arn:aws:logs:eu-central-1:123456789012:log-group:/aws/ec2/holdfast-efs:*"])
      Register        = toset(["arn:aws:ec2:eu-central-1:123456789012:instance/*"])
    }
    error_message = "on what is theirs"
  }
  assert {
    condition = flatten([
      for statement in data.aws_iam_policy_document.instance.statement : [for action in statement.actions : action if startswith(action, "s3:") || startswith(action, "dynamodb:")]
    ]) == ["s3:GetObject", "dynamodb:GetItem", "s3:PutObject", "s3:DeleteObject"]
    error_message = "they read no log and change no record"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.instance.statement :
      statement.sid == "ReadTask" && toset([for condition in statement.condition : [condition.test, condition.variable, sort(condition.values)]]) == toset([
        ["ForAllValues:StringLike", "dynamodb:LeadingKeys", ["backup-home-????-??-??T*", "lock#holdfast-efs-home", "restore-home-????-??-??T*", "verify-home-????-??-??T*"]],
        ["Null", "dynamodb:LeadingKeys", ["false"]],
      ])
    ])
    error_message = "and learn of no task but their own"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.instance.statement :
      statement.actions == toset(["events:PutEvents"]) && anytrue([for condition in statement.condition : condition.variable == "events:source" && condition.values == tolist(["holdfast.efs"])])
    ])
    error_message = "and speak in their own name only"
  }
  assert {
    condition     = aws_iam_role.instance.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "under the boundary"
  }
}

run "uses_the_vault_that_is_given" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, vault = { file_system_id = "fs-11111111", access_point = "fsap-22222222" }, restore_to = ["fs-33333333"] }
  }

  assert {
    condition     = length(aws_efs_file_system.vault) == 0 && length(aws_efs_mount_target.vault) == 0 && length(aws_security_group.vault) == 0 && output.file_system.vault_id == "fs-11111111"
    error_message = "and manages nothing of it"
  }
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.instance.statement : statement.sid == "Mount" && statement.resources == toset([
        for id in ["fs-0123456789abcdef0", "fs-11111111", "fs-33333333"] : "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/${id}"
      ])
    ])
    error_message = "instances mount it, and what may be restored to"
  }
}

run "goes_through_a_proxy_and_other_dns_servers" {
  command = plan
  variables {
    network = {
      vpc_id             = "vpc-1"
      subnet_ids         = ["subnet-1", "subnet-2"]
      proxy              = "http://proxy.example.com:3128"
      no_proxy           = [".internal"]
      https_cidrs        = ["10.1.0.0/24"]
      dns_servers        = ["10.0.0.53"]
      security_group_ids = ["sg-99"]
    }
  }

  assert {
    condition     = local.settings.HTTPS_PROXY == "http://proxy.example.com:3128" && local.settings.NO_PROXY == "localhost,127.0.0.1,169.254.169.254,.internal" && local.settings.HOLDFAST_DNS == "10.0.0.53"
    error_message = "which the machine gets, with its metadata left out"
  }
  assert {
    condition     = [for rule in values(aws_vpc_security_group_egress_rule.https) : [rule.cidr_ipv4, rule.to_port]] == [["10.1.0.0/24", 3128]] && toset(keys(aws_vpc_security_group_egress_rule.dns)) == toset(["10.0.0.53-tcp", "10.0.0.53-udp"])
    error_message = "and which it reaches, and nothing else outside"
  }
  assert {
    condition     = aws_launch_template.instance.network_interfaces[0].security_groups == toset([aws_security_group.instance.id, "sg-99"])
    error_message = "with the groups that it was given"
  }
}

run "opens_given_mount_targets_where_told" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0", security_group_id = "sg-42" }, vault = { file_system_id = "fs-11111111", security_group_id = "sg-43" } }
  }

  assert {
    condition     = { for which, rule in aws_vpc_security_group_ingress_rule.given : which => [rule.security_group_id, rule.from_port] } == { source = ["sg-42", 2049], vault = ["sg-43", 2049] }
    error_message = "to its instances, for NFS"
  }
}

run "runs_on_intel_too" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, instance_type = "g5.xlarge" }
  }

  assert {
    condition     = endswith(aws_launch_template.instance.image_id, "-x86_64")
    error_message = "with an image that fits"
  }
}

run "refuses_to_back_up_into_itself" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, vault = { file_system_id = "fs-0123456789abcdef0" } }
  }
  expect_failures = [var.file_system]
}

run "refuses_one_subnet" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-1"] }
  }
  expect_failures = [var.network]
}

run "refuses_credentials_in_the_proxy" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], proxy = "http://user:password@proxy.example.com:3128" }
  }
  expect_failures = [var.network]
}

run "refuses_throughput_that_efs_does_not_have" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, vault = { performance_mode = "maxIO" } }
  }
  expect_failures = [var.file_system]
}

run "refuses_days_that_efs_does_not_know" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, vault = { archive_days = 31 } }
  }
  expect_failures = [var.file_system]
}

run "refuses_an_access_point_to_nowhere" {
  command = plan
  variables {
    file_system = { source = { file_system_id = "fs-0123456789abcdef0" }, vault = { access_point = "fsap-22222222" } }
  }
  expect_failures = [var.file_system]
}
