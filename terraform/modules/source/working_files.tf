# What only the run itself needs, the list that its map goes over and the results of the items, stays in
# a bucket of the deployment: Step Functions reads and writes none of another account, to which the vault may belong.
# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
locals {
  working_files = "${module.codebuild.artifacts.arn}/runs/${var.source_name}/*"
}

data "aws_iam_policy_document" "list_items" {
  # Leaves the list of items for the map. Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "ListItems"
    actions   = ["s3:PutObject"]
    resources = [local.working_files]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "map_items" {
  # Reads the list of items, and the results of a map that is taken up again.
  statement {
    sid       = "ReadItems"
    actions   = ["s3:GetObject"]
    resources = [local.working_files]
  }

  # Writes the results of all items beside the list.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  statement {
    sid       = "WriteResults"
    actions   = ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    resources = [local.working_files]
  }
}

data "aws_iam_policy_document" "read_results" {
  # Learns what became of each item.
  statement {
    sid       = "ReadResults"
    actions   = ["s3:GetObject"]
    resources = [local.working_files]
  }
}
