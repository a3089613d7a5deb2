# What a deployment needs for EFS, where granted.efs is set: rights of the roles that deploy, and of the deployment's own.
locals {
  efs = var.granted.efs == null ? [] : [var.granted.efs]

  efs_arns = {
    table           = "arn:${local.partition}:dynamodb:${local.here}:table/${var.name}-efs"
    logs            = "arn:${local.partition}:s3:::${var.name}-efs-logs-${local.account}-${local.region}"
    groups          = "arn:${local.partition}:autoscaling:${local.here}:autoScalingGroup:*:autoScalingGroupName/${var.name}-efs-*"
    file_systems    = "arn:${local.partition}:elasticfilesystem:${local.here}:file-system/*"
    templates       = "arn:${local.partition}:ec2:${local.here}:launch-template/*"
    security_groups = "arn:${local.partition}:ec2:${local.here}:security-group/*"
    rules           = "arn:${local.partition}:ec2:${local.here}:security-group-rule/*"
    instances       = "arn:${local.partition}:ec2:${local.here}:instance/*"
    profiles        = "arn:${local.partition}:iam::${local.account}:instance-profile/${var.name}-efs-*"
    instance_roles  = "arn:${local.partition}:iam::${local.account}:role/${var.name}-efs-*-instance"
    schedule_role   = "arn:${local.partition}:iam::${local.account}:role/${var.name}-efs-schedule"
    document        = "arn:${local.partition}:ssm:${local.here}:document/${var.name}-efs-stop"
    reminders       = "arn:${local.partition}:scheduler:${local.here}:schedule/${var.name}-efs-tasks/*"
    images          = "arn:${local.partition}:ssm:${local.region}::parameter/aws/service/ami-amazon-linux-latest/*"
    linked_roles = [
      for service in ["autoscaling", "elasticfilesystem"] :
      "arn:${local.partition}:iam::${local.account}:role/aws-service-role/${service}.amazonaws.com/*"
    ]
  }
}

# Becomes part of the boundary: the most that the orchestrator and instances can do.
data "aws_iam_policy_document" "efs_boundary" {
  count = length(local.efs)

  # Records, results, groups, file systems; commands to instances; reminders.
  statement {
    sid = "Efs"
    actions = [
      "dynamodb:*Item", "dynamodb:Scan",
      "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
      "autoscaling:SetDesiredCapacity", "autoscaling:*LifecycleAction*",
      "elasticfilesystem:Client*", "elasticfilesystem:Describe*",
      "ssm:SendCommand", "ssm:UpdateInstanceInformation", "scheduler:CreateSchedule", "scheduler:DeleteSchedule", "events:PutEvents",
    ]
    resources = [
      local.efs_arns.table, local.efs_arns.logs, "${local.efs_arns.logs}/*", local.efs_arns.groups, local.efs_arns.file_systems,
      local.efs_arns.document, local.efs_arns.instances, local.efs_arns.reminders,
      "arn:${local.partition}:events:${local.here}:event-bus/default",
    ]
  }

  # Reminders come by the role of the schedules, and by no other.
  statement {
    sid       = "EfsPassRole"
    actions   = ["iam:PassRole"]
    resources = [local.efs_arns.schedule_role]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["scheduler.amazonaws.com"]
    }
  }

  # Looking at groups, commands and metrics, and the agent that takes commands: AWS knows no resources for these.
  statement {
    sid       = "EfsWithoutResources"
    actions   = ["autoscaling:DescribeAutoScalingGroups", "ssm:GetCommandInvocation", "cloudwatch:GetMetricStatistics", "ssmmessages:*", "ec2messages:*"]
    resources = ["*"]
  }
}

# What a plan looks at beside all else.
data "aws_iam_policy_document" "efs_read" {
  count = length(local.efs)

  # How the table, the bucket of results, file systems and profiles are set up. No record and no object.
  statement {
    sid = "Deployment"
    actions = [
      "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource",
      "s3:ListBucket", "s3:GetBucket*", "s3:GetAccelerateConfiguration", "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListTagsForResource",
      "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets", "elasticfilesystem:DescribeMountTargetSecurityGroups",
      "elasticfilesystem:DescribeLifecycleConfiguration", "elasticfilesystem:DescribeBackupPolicy",
      "elasticfilesystem:DescribeFileSystemPolicy", "elasticfilesystem:ListTagsForResource",
      "iam:GetInstanceProfile",
      "ssm:DescribeDocument", "ssm:GetDocument", "ssm:DescribeDocumentPermission", "ssm:ListTagsForResource",
    ]
    resources = [local.efs_arns.table, local.efs_arns.logs, local.efs_arns.file_systems, local.efs_arns.profiles, local.efs_arns.document]
  }

  # Whether the program in the bucket is the one that was built.
  statement {
    sid       = "Programs"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = [for bucket in local.arns.artifacts : "${bucket}/holdfast-*.mjs"]
  }

  # Which image is the newest, at which Auto Scaling looks with the permissions of the role that deploys.
  statement {
    sid       = "Images"
    actions   = ["ssm:GetParameters"]
    resources = [local.efs_arns.images]
  }

  # The network, the launch templates and the groups: AWS knows no resources for these.
  statement {
    sid = "WithoutResources"
    actions = [
      "ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeRouteTables", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaceAttribute", "ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeInstanceTypes",
      "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLifecycleHooks", "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags",
    ]
    resources = ["*"]
  }
}

# What an apply changes beside all else. Not to delete a file system: it holds snapshots, and stays with an administrator.
data "aws_iam_policy_document" "efs_change" {
  count                   = length(local.efs)
  source_policy_documents = data.aws_iam_policy_document.efs_compute[*].json

  # Creates file systems, and only such as are tagged as this deployment's. EFS knows no resources for this.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticfilesystem.html
  statement {
    sid       = "CreateFileSystems"
    actions   = ["elasticfilesystem:CreateFileSystem"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/holdfast"
      values   = [var.name]
    }
  }

  # The same for security groups, their rules, and launch templates. A rule is asked for beside its group (below).
  statement {
    sid = "CreateTagged"
    actions = [
      "ec2:CreateSecurityGroup", "ec2:CreateLaunchTemplate", "ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress",
    ]
    resources = [local.efs_arns.security_groups, local.efs_arns.rules, local.efs_arns.templates]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/holdfast"
      values   = [var.name]
    }
  }

  # Tags them as they are created, and at no other time: who could tag anything could make it the deployment's.
  statement {
    sid       = "TagWhatIsCreated"
    actions   = ["ec2:CreateTags"]
    resources = [local.efs_arns.security_groups, local.efs_arns.rules, local.efs_arns.templates]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSecurityGroup", "CreateLaunchTemplate", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"]
    }
  }

  # The same for a file system, which asks for this right beside its creation.
  statement {
    sid       = "TagFileSystems"
    actions   = ["elasticfilesystem:TagResource"]
    resources = [local.efs_arns.file_systems]

    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:CreateAction"
      values   = ["CreateFileSystem"]
    }
  }

  # Sets up what is tagged so, and tags it otherwise.
  statement {
    sid = "ChangeTagged"
    actions = [
      "elasticfilesystem:UpdateFileSystem", "elasticfilesystem:PutLifecycleConfiguration", "elasticfilesystem:PutBackupPolicy",
      "elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:DeleteFileSystemPolicy",
      "elasticfilesystem:TagResource", "elasticfilesystem:UntagResource",
      "elasticfilesystem:CreateMountTarget", "elasticfilesystem:DeleteMountTarget", "elasticfilesystem:ModifyMountTargetSecurityGroups",
      "ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress",
      "ec2:ModifySecurityGroupRules", "ec2:DeleteSecurityGroup", "ec2:CreateTags", "ec2:DeleteTags", "ec2:CreateNetworkInterface",
      "ec2:ModifyNetworkInterfaceAttribute",
      "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "ec2:DeleteLaunchTemplate", "ec2:RunInstances",
    ]
    resources = [local.efs_arns.file_systems, local.efs_arns.security_groups, local.efs_arns.rules, local.efs_arns.templates]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/holdfast"
      values   = [var.name]
    }
  }

  dynamic "statement" {
    for_each = length(var.granted.efs.security_groups) == 0 ? [] : [var.granted.efs.security_groups]

    # Lets instances in at the mount targets of sources, whose security groups these are.
    content {
      sid       = "GivenSecurityGroups"
      actions   = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:ModifySecurityGroupRules"]
      resources = [for id in statement.value : "arn:${local.partition}:ec2:${local.here}:security-group/${id}"]
    }
  }

  # Puts security groups and mount targets into the VPC: EFS makes interfaces with the permissions of the caller.
  # https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html
  statement {
    sid       = "Network"
    actions   = ["ec2:CreateSecurityGroup", "ec2:CreateNetworkInterface"]
    resources = [for kind in ["vpc", "subnet", "network-interface"] : "arn:${local.partition}:ec2:${local.here}:${kind}/*"]
  }

  # The interfaces of mount targets change and go with them: by EFS alone, since they have no tag. Where they get other
  # security groups, EC2 asks for those as well (above).
  # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteMountTarget.html
  statement {
    sid       = "InterfacesByEfs"
    actions   = ["ec2:DeleteNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"]
    resources = ["arn:${local.partition}:ec2:${local.here}:network-interface/*"]

    condition {
      test     = "Bool"
      variable = "aws:ViaAWSService"
      values   = ["true"]
    }
  }

  # Groups of instances, with their hooks.
  statement {
    sid = "Groups"
    actions = [
      "autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup",
      "autoscaling:PutLifecycleHook", "autoscaling:DeleteLifecycleHook", "autoscaling:SuspendProcesses", "autoscaling:ResumeProcesses",
      "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags",
    ]
    resources = [local.efs_arns.groups]
  }

  # A caller that could launch a template may give it to a group: a template of this deployment (above), and nothing
  # without a template. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
  statement {
    sid     = "LaunchByTemplate"
    actions = ["ec2:RunInstances"]
    resources = concat(
      [for kind in ["instance", "network-interface", "security-group", "subnet", "volume"] : "arn:${local.partition}:ec2:${local.here}:${kind}/*"],
      ["arn:${local.partition}:ec2:${local.region}::image/*"],
    )

    condition {
      test     = "ArnLike"
      variable = "ec2:LaunchTemplate"
      values   = [local.efs_arns.templates]
    }
  }

  # Instances tag themselves and their disks by their template.
  statement {
    sid       = "TagInstances"
    actions   = ["ec2:CreateTags"]
    resources = [local.efs_arns.instances, "arn:${local.partition}:ec2:${local.here}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }
  }

  dynamic "statement" {
    for_each = length(var.granted.keys) == 0 ? [] : [var.granted.keys]

    # A file system that a given key encrypts: EFS uses the key by a grant.
    content {
      sid       = "GivenKeys"
      actions   = ["kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"]
      resources = statement.value

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["elasticfilesystem.${local.region}.*"]
      }
    }
  }
}

# The same of what runs, as part of the policy above.
data "aws_iam_policy_document" "efs_compute" {
  count = length(local.efs)

  # The table, which is empty again after 90 days anyway.
  statement {
    sid = "Table"
    actions = [
      "dynamodb:CreateTable", "dynamodb:UpdateTable", "dynamodb:DeleteTable", "dynamodb:UpdateTimeToLive", "dynamodb:UpdateContinuousBackups",
      "dynamodb:TagResource", "dynamodb:UntagResource",
    ]
    resources = [local.efs_arns.table]
  }

  # The one command that instances take.
  statement {
    sid = "Command"
    actions = [
      "ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:DeleteDocument",
      "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource",
    ]
    resources = [local.efs_arns.document]
  }

  # Lets the rules of the deployment invoke its functions.
  statement {
    sid       = "Invocations"
    actions   = ["lambda:AddPermission", "lambda:RemovePermission"]
    resources = local.arns.functions
  }
}

# The same, of identities.
data "aws_iam_policy_document" "efs_identity" {
  count = length(local.efs)

  # Profiles, by which instances get their role.
  statement {
    sid = "Profiles"
    actions = [
      "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile", "iam:UntagInstanceProfile",
    ]
    resources = [local.efs_arns.profiles]
  }

  # Hands EC2 the roles of instances, and no others.
  statement {
    sid       = "PassInstanceRoles"
    actions   = ["iam:PassRole"]
    resources = [local.efs_arns.instance_roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  # Roles that AWS makes for its own services where an account uses them for the first time.
  statement {
    sid       = "LinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = local.efs_arns.linked_roles
  }
}
