data "aws_iam_policy_document" "bucket" {
  # Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "WritersCreate"
    actions   = ["s3:PutObject"]
    resources = ["${local.place}/*"]

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
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  # Uploads in parts. Only the request that completes an upload makes an object, and that one is held to the above.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  statement {
    sid       = "WritersUploadParts"
    actions   = ["s3:PutObject"]
    resources = ["${local.place}/*"]

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
      test     = "Bool"
      variable = "s3:ObjectCreationOperation"
      values   = ["false"]
    }
  }

  # Renews the pointer to the latest run: the one thing in a vault that is replaced.
  statement {
    sid       = "WritersRenewLatest"
    actions   = ["s3:PutObject"]
    resources = ["${local.place}/runs/*/latest.json"]

    principals {
      type        = "AWS"
      identifiers = local.principals
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.callers
    }
  }

  # Builds on its own snapshots, and leaves nothing behind when an upload fails.
  statement {
    sid       = "WritersRead"
    actions   = ["s3:GetObject", "s3:AbortMultipartUpload"]
    resources = ["${local.place}/*"]

    principals {
      type        = "AWS"
      identifiers = local.principals
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.callers
    }
  }

  # Tags its own as it stores them, where its deployment is given a project. No rule of the vault goes by tags.
  statement {
    sid       = "WritersTag"
    actions   = ["s3:PutObjectTagging"]
    resources = ["${local.place}/*"]

    principals {
      type        = "AWS"
      identifiers = local.principals
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.callers
    }
  }

  # Whether its snapshots are intact is for this account to say: the verdict decides what retention keeps. The id of a
  # snapshot ends with the only Z that a key can have.
  statement {
    sid       = "WritersGiveNoVerdicts"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.place}/*Z/check-*", "${local.place}/checks/*"]

    principals {
      type        = "AWS"
      identifiers = local.principals
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.callers
    }
  }

  # Finds them, and learns no name of another's.
  statement {
    sid       = "WritersList"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]

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
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.prefix}&{aws:PrincipalAccount}/*"]
    }
  }
}
