output "policies" {
  description = "Statements for the policy of the bucket and for that of its key, as JSON: to be merged with those that protect them, by source_policy_documents."
  value = {
    bucket = data.aws_iam_policy_document.bucket.json
    key    = data.aws_iam_policy_document.key.json
  }
}
