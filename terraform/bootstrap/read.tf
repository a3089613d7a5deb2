# What a plan looks at. None of it opens a secret's value or an object of a vault.
data "aws_iam_policy_document" "read" {
  source_policy_documents = [data.aws_iam_policy_document.another_deployment["deploying"].json]

  # How everything else is set up that a deployment creates.
  statement {
    sid = "Deployment"
    actions = [
      "lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionEventInvokeConfig", "lambda:GetAlias", "lambda:GetLayerVersion", "lambda:GetPolicy",
      "lambda:GetRuntimeManagementConfig", "lambda:ListTags", "lambda:ListVersionsByFunction",
      "states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource",
      "scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource",
      "events:DescribeRule", "events:ListTargetsByRule", "events:DescribeEventBus", "events:ListTagsForResource",
      "sns:GetTopicAttributes", "sns:ListTagsForResource", "sns:ListSubscriptionsByTopic",
      "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags",
      "codebuild:BatchGetProjects",
      "cloudwatch:ListTagsForResource", "cloudwatch:GetDashboard",
      "logs:ListTagsForResource",
    ]
    # In few words, since a policy has little room; what another deployment may own by such a name is left out below.
    resources = concat(
      [
        for kind in [
          "lambda:${local.here}:function:", "states:${local.here}:stateMachine:", "scheduler:${local.here}:schedule/",
          "scheduler:${local.here}:schedule-group/", "events:${local.here}:rule/", "events:${local.here}:event-bus/",
          "sqs:${local.here}:", "codebuild:${local.here}:project/", "cloudwatch:${local.here}:alarm:",
          "logs:${local.here}:log-group:/aws/*/",
        ] : "arn:${local.partition}:${kind}${var.name}-*"
      ],
      [local.arns.layer_versions, local.arns.topics, local.arns.dashboards],
    )
  }

  # What brings events to functions.
  statement {
    sid       = "Mappings"
    actions   = ["lambda:GetEventSourceMapping"]
    resources = ["*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = local.arns.functions
    }
  }

  # Their tags say nothing of the function.
  statement {
    sid       = "MappingTags"
    actions   = ["lambda:ListTags"]
    resources = [local.arns.mappings]
  }

  # The roles of the deployment.
  statement {
    sid       = "Roles"
    actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
    resources = local.arns.roles
  }

  # Keys of this deployment, known by their tag, since a key has no name, and those that it was given.
  statement {
    sid       = "OwnKeys"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    resources = [local.arns.keys]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/holdfast"
      values   = [var.name]
    }
  }

  dynamic "statement" {
    for_each = length(var.granted.keys) == 0 ? [] : [var.granted.keys]

    # A given key is only looked up.
    content {
      sid       = "GivenKeys"
      actions   = ["kms:DescribeKey"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.granted.network ? [1] : []

    # The VPC that functions are connected to, at which Lambda looks with the permissions of the role that deploys.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    content {
      sid       = "Network"
      actions   = ["ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"]
      resources = ["*"]
    }
  }

  # Lists, and what belongs to no resource: AWS knows none for these. CloudWatch shows all alarms or, to who may see some
  # of them alone, none that are made of others.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
  statement {
    sid = "WithoutResources"
    actions = [
      "kms:ListAliases", "logs:DescribeLogGroups", "states:ValidateStateMachineDefinition", "sns:GetSubscriptionAttributes",
      "cloudwatch:DescribeAlarms",
    ]
    resources = ["*"]
  }
}

# The same of buckets and secrets, each by its name: one policy would not hold it.
data "aws_iam_policy_document" "read_storage" {
  # How buckets are set up: rights on buckets, not on objects.
  statement {
    sid = "Buckets"
    actions = [
      "s3:ListBucket", "s3:GetBucket*", "s3:GetAccelerateConfiguration", "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListTagsForResource",
    ]
    resources = concat(local.arns.buckets, local.arns.artifacts)
  }

  # Whether the program in the bucket is the one that was built.
  statement {
    sid       = "Programs"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = flatten([for bucket in local.arns.artifacts : ["${bucket}/command-line-*.zip", "${bucket}/RESTORE.md"]])
  }

  # That the secrets exist, and by which key they are encrypted. Not their values.
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"]
    resources = local.arns.secrets
  }
}
