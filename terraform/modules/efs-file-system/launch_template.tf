locals {
  # AWS's own processors have a g after the generation: c7g, t4g, m6gd.
  arm   = can(regex("^(a1|[a-z]+\\d+g[a-z]*)\\.", var.file_system.instance_type))
  image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.arm ? "arm64" : "x86_64"}"

  # Nothing secret: anyone who may describe the launch template can read it.
  settings = merge(
    {
      AWS_REGION              = local.region
      HOLDFAST_EFS_TABLE      = var.records.table.name
      HOLDFAST_EFS_GROUP      = var.name
      HOLDFAST_EFS_LOGS       = var.records.logs.bucket
      HOLDFAST_LOG_GROUP      = var.records.log_group.name
      HOLDFAST_NODE           = regex("\\d+", var.platform.runtime)
      HOLDFAST_PROGRAM        = "s3://${var.program.bucket}/${var.program.key}"
      HOLDFAST_PROGRAM_SHA256 = var.program.sha256
    },
    length(var.network.dns_servers) == 0 ? {} : { HOLDFAST_DNS = join(" ", var.network.dns_servers) },
    var.network.proxy == null ? {} : {
      HTTPS_PROXY = var.network.proxy
      # What is on the machine, and its metadata.
      NO_PROXY = join(",", concat(["localhost", "127.0.0.1", "169.254.169.254"], var.network.no_proxy))
    },
  )
  user_data = join("\n", concat(
    ["#!/bin/bash"],
    [for name, value in local.settings : "export ${name}='${value}'"],
    [file("${path.module}/boot.sh")],
  ))
}

resource "aws_launch_template" "instance" {
  name                   = var.name
  description            = "Backs up ${local.source_id}"
  image_id               = "resolve:ssm:${local.image}"
  instance_type          = var.file_system.instance_type
  update_default_version = true
  user_data              = base64encode(local.user_data)
  # What gives up on itself does not go on costing.
  instance_initiated_shutdown_behavior = "terminate"

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance.arn
  }

  # Version 2 alone, and no further than the instance itself.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  network_interfaces {
    associate_public_ip_address = "false"
    delete_on_termination       = "true"
    security_groups             = concat([aws_security_group.instance.id], var.network.security_group_ids)
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted             = "true"
      volume_type           = "gp3"
      volume_size           = var.file_system.volume_gib
      delete_on_termination = "true"
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = var.name }
  }
  tag_specifications {
    resource_type = "volume"
    tags          = { Name = var.name }
  }
}
