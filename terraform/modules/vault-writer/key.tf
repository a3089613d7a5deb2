data "aws_iam_policy_document" "key" {
  # Stores under the vault's key and reads what it encrypted, by way of S3 and in this bucket only: the key opens
  # nothing that the bucket does not hand out.
  # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
  statement {
    sid     = "WritersEncrypt"
    actions = ["kms:GenerateDataKey", "kms:Decrypt"]
    # In a key's policy this means that key and nothing else.
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = local.principals
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.callers
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}"]
    }
    # The bucket's ARN where it has a bucket key, else the object's.
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [var.bucket_arn, "${var.bucket_arn}/*"]
    }
  }
}
