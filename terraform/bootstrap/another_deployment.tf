# Keeps the roles of this deployment away from any other one, whatever that is called: all that a deployment makes is tagged
# with its name. Buckets, which are not known by tags, have exact names.
data "aws_iam_policy_document" "another_deployment" {
  for_each = {
    # A key or a file system that was another's may be given to this deployment, by its ARN.
    deploying = ["s3:*", "kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "elasticfilesystem:Describe*"]
    deployed  = ["s3:*", "kms:*", "elasticfilesystem:*", "sts:*"]
  }

  statement {
    sid         = "NotAnotherDeployment"
    effect      = "Deny"
    not_actions = each.value
    resources   = ["*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/holdfast"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:ResourceTag/holdfast"
      values   = [var.name]
    }
  }
}
