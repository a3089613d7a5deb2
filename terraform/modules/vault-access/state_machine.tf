data "aws_iam_policy_document" "state_machine" {
  source_policy_documents = [data.aws_iam_policy_document.encrypt.json]

  # Reads the list of items, and the results of a map that is taken up again.
  statement {
    sid       = "ReadItems"
    actions   = ["s3:GetObject"]
    resources = local.runs
  }

  # Writes the results of all items beside the list.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  statement {
    sid       = "WriteResults"
    actions   = ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    resources = local.runs
  }
}
