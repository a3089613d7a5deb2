data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  place     = "${data.aws_region.current.id}:${local.account}"
  # Put together here because the role must name the project before it is there.
  project_arn = "arn:${local.partition}:codebuild:${local.place}:project/${var.name}"
  arm         = var.platform.architecture == "arm64"
  image       = local.arm ? "aws/codebuild/amazonlinux-aarch64-standard:3.0" : "aws/codebuild/amazonlinux-x86_64-standard:5.0"
}

resource "aws_codebuild_project" "backup" {
  name                   = var.name
  description            = "Backs up single items that do not fit a Lambda"
  service_role           = aws_iam_role.build.arn
  build_timeout          = var.build.timeout_minutes
  queued_timeout         = 480
  concurrent_build_limit = var.build.concurrent_builds

  source {
    type     = "S3"
    location = "${aws_s3_bucket.artifacts.id}/${aws_s3_object.program.key}"
    buildspec = yamlencode({
      version = "0.2"
      phases = {
        install = { "runtime-versions" = { nodejs = tonumber(regex("\\d+", var.platform.runtime)) } }
        # The role's rights are lent to the program that was deployed, and to none that was put in its place. Written
        # here and not into the environment, which the starter of a build can change. A build ends where this fails.
        pre_build = { commands = ["echo '${filesha256(var.program.file)}  holdfast.mjs' | sha256sum --check --strict"] }
        build     = { commands = ["node holdfast.mjs backup-item"] }
      }
    })
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type            = local.arm ? "ARM_CONTAINER" : "LINUX_CONTAINER"
    compute_type    = var.build.compute_type
    image           = coalesce(var.build.image, local.image)
    privileged_mode = false

    dynamic "environment_variable" {
      for_each = var.environment

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  dynamic "vpc_config" {
    for_each = var.platform.network[*]

    content {
      vpc_id             = vpc_config.value.vpc_id
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.builds.name
    }
  }

  # CodeBuild tries at once whether the role may connect to a VPC.
  depends_on = [aws_iam_role_policy.own]
}

resource "aws_cloudwatch_log_group" "builds" {
  name              = "/aws/codebuild/${var.name}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.log_key_arn
}
