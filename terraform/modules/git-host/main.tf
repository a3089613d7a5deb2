data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

module "source" {
  source = "../source"

  name        = var.name
  source_name = var.source_name
  prefix      = var.host.prefix
  # No secrets: the secret is named here and read at the start of each run.
  environment = { HOLDFAST_SECRET = data.aws_secretsmanager_secret.settings.name }
  policies = {
    list = { secret = data.aws_iam_policy_document.secret.json }
    read = { secret = data.aws_iam_policy_document.secret.json }
  }
  run = var.host

  vault         = var.vault
  notifications = var.notifications
  artifacts     = var.artifacts
  platform      = var.platform
}
