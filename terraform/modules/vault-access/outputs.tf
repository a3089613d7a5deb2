output "policies" {
  description = "The policy of each role, as JSON."
  value = {
    inventory = data.aws_iam_policy_document.inventory.json
    backup    = data.aws_iam_policy_document.backup.json
    report    = data.aws_iam_policy_document.report.json
    retention = data.aws_iam_policy_document.retention.json
    drill     = data.aws_iam_policy_document.drill.json
  }
}
