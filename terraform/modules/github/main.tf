data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

module "source" {
  source = "../source"

  name        = var.name
  source_name = "github"
  prefix      = var.github.prefix
  # No secrets: the secret is named here and read at the start of each run.
  environment = { HOLDFAST_SECRET = data.aws_secretsmanager_secret.github.name }
  policies = {
    list = { secret = data.aws_iam_policy_document.secret.json }
    read = { secret = data.aws_iam_policy_document.secret.json }
  }
  run = var.github

  vault         = var.vault
  notifications = var.notifications
  artifacts     = var.artifacts
  platform      = var.platform
}
