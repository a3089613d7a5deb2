locals {
  # What was stored of a package its backup tells: the snapshots of versions bear no name of the run, and are looked up
  # by none.
  looked_up = var.source_name == "codeartifact" ? [] : [[local.manifests]]
}

data "aws_iam_policy_document" "report" {
  source_policy_documents = concat(
    [for manifests in local.looked_up : data.aws_iam_policy_document.list.json],
    [data.aws_iam_policy_document.encrypt.json],
  )

  # Reads the inventory.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = ["${local.runs}/*"]
  }

  # Writes the report, and notes that people were told of the run. Creates, but replaces nothing: S3 refuses a write that
  # does not ask for that.
  statement {
    sid       = "CreateReport"
    actions   = ["s3:PutObject"]
    resources = ["${local.runs}/*/report.json", "${local.runs}/*/notified.json"]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  # Renews the pointer to the latest: the one thing in a vault that is replaced.
  statement {
    sid       = "RenewLatest"
    actions   = ["s3:PutObject"]
    resources = ["${local.runs}/latest.json"]
  }

  dynamic "statement" {
    for_each = local.looked_up

    # Looks up what each item stored.
    content {
      sid       = "ReadManifests"
      actions   = ["s3:GetObject"]
      resources = statement.value
    }
  }
}
