# The most that any role of a deployment can do. The role that deploys can create roles only under this boundary, so
# it cannot give itself, or a function, more rights than these.
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that any role of the deployment ${var.name} can do"
  policy      = local.boundary

  lifecycle {
    precondition {
      # IAM does not count white space, of which a rendered document has some.
      condition     = length(replace(local.boundary, "/\\s/", "")) <= 6144
      error_message = "IAM takes no policy of more than 6,144 characters: grant fewer things by name."
    }
  }
}

locals {
  # A boundary has little room. Roles have no region and are called by the deployment's name, so nothing is called by it
  # in another region, and the region's name need not stand in each ARN.
  boundary = replace(data.aws_iam_policy_document.boundary.json, ":${local.here}:", ":*:${local.account}:")
}

data "aws_iam_policy_document" "boundary" {
  source_policy_documents = concat(data.aws_iam_policy_document.efs_boundary[*].json, [data.aws_iam_policy_document.another_deployment["deployed"].json])

  # Objects of the vault and of the programs. No role ends a version, or changes how a bucket protects it.
  statement {
    sid = "Objects"
    actions = [
      # What replication reads of versions as well: content, tags, ACL, how long each is locked.
      "s3:GetObject*",
      "s3:ListBucket", "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:AbortMultipartUpload",
      "s3:ListMultipartUploadParts", "s3:GetReplicationConfiguration",
    ]
    # Each with its objects.
    resources = flatten([for bucket in local.arns.buckets : [bucket, "${bucket}/*"]])
  }

  # The programs, and the working files of runs.
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject*", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = [for bucket in local.arns.artifacts : "${bucket}/*"]
  }

  dynamic "statement" {
    for_each = length(var.granted.copies) == 0 ? [] : [var.granted.copies]

    # Copies of the vault.
    content {
      sid       = "Copies"
      actions   = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
      resources = [for bucket in statement.value : "${bucket}/*"]
    }
  }

  # The settings and tokens of the sources.
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.arns.secrets
  }

  # Keys of this deployment, known by their tag, since a key has no name.
  statement {
    sid       = "OwnKeys"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    resources = [local.arns.keys]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/holdfast"
      values   = [var.name]
    }
  }

  dynamic "statement" {
    for_each = length(var.granted.keys) == 0 ? [] : [var.granted.keys]

    # Keys that the deployment was given.
    content {
      sid       = "GivenKeys"
      actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      resources = statement.value
    }
  }

  # The steps of a run.
  statement {
    sid = "Runs"
    actions = [
      "lambda:InvokeFunction",
      "states:*Execution*",
      "codebuild:St*Build", "codebuild:BatchGetBuilds",
      "events:PutTargets", "events:PutRule", "events:DescribeRule",
      "sns:Publish", "sqs:*Message", "sqs:GetQueueAttributes",
    ]
    # All of a deployment's, in few words, since a boundary has little room; those of another deployment whose name goes on
    # where this one's ends are left out below.
    resources = concat(
      [for kind in ["lambda:${local.here}:function", "states:${local.here}:stateMachine", "sqs:${local.here}"] : "arn:${local.partition}:${kind}:${var.name}-*"],
      ["arn:${local.partition}:codebuild:${local.here}:project/${var.name}-*", local.arns.build_rule, local.arns.topics],
      # Executions have no tags.
      local.arns.executions,
    )
  }

  # Repositories of CodeCommit, in any region: to list and to read.
  statement {
    sid       = "Repositories"
    actions   = ["codecommit:BatchGetRepositories", "codecommit:GitPull", "codecommit:GetRepository*", "codecommit:List*"]
    resources = ["arn:${local.partition}:codecommit:*:${local.account}:*"]
  }

  # Packages of CodeArtifact, in any region and in the accounts that are granted: to list and to read.
  statement {
    sid       = "Packages"
    actions   = ["codeartifact:Describe*", "codeartifact:Get*", "codeartifact:List*", "codeartifact:ReadFromRepository"]
    resources = [for account in concat([local.account], var.granted.domain_owners) : "arn:${local.partition}:codeartifact:*:${account}:*"]
  }

  dynamic "statement" {
    for_each = length(var.granted.roles) == 0 ? [] : [var.granted.roles]

    # Roles of other accounts that read repositories there.
    content {
      sid       = "Roles"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.granted.network ? [1] : []

    # Connects functions and builds to a VPC. What is listed has no resources, and an interface has no name before it is
    # there.
    content {
      sid = "Network"
      actions = [
        "ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface", "ec2:*ssignPrivateIpAddresses",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions",
      ]
      resources = ["*"]
    }
  }

  # Logs of its own.
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/aws/*/${var.name}-*"]
  }

  # Traces, the delivery of logs by Step Functions, the lists of repositories and domains, approval rules, and tokens for
  # registries: AWS knows no resources for these.
  statement {
    sid = "WithoutResources"
    actions = [
      "codecommit:ListRepositories", "codecommit:GetApprovalRuleTemplate", "codeartifact:ListDomains",
      "sts:GetServiceBearerToken",
      "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSampling*",
      "logs:*LogDeliver*", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }
}
