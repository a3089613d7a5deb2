data "aws_region" "current" {}

locals {
  artifacts = startswith(var.artifacts, "/") ? var.artifacts : "${path.module}/${var.artifacts}"

  # What all functions share.
  platform = {
    runtime              = var.lambda_runtime
    architecture         = var.architecture
    layers               = [aws_lambda_layer_version.core.arn]
    log_retention_days   = var.log_retention_days
    log_key_arn          = var.logs.key_arn
    log_level            = var.logs.level
    permissions_boundary = var.permissions_boundary
    network              = one([for subnet in data.aws_subnet.network : merge(var.network, { vpc_id = subnet.vpc_id })])
  }
}

# Says to which VPC the subnets belong, which CodeBuild demands.
data "aws_subnet" "network" {
  count = var.network == null ? 0 : 1
  id    = var.network.subnet_ids[0]
}

module "vault" {
  source = "./modules/vault"

  name                 = var.name
  vault                = var.vault
  permissions_boundary = var.permissions_boundary
}

module "github" {
  source = "./modules/github"
  count  = var.github == null ? 0 : 1

  name   = var.name
  github = var.github
  vault  = module.vault.vault
  notifications = {
    topic_arn = module.observability.topic.arn
    key_arn   = module.observability.topic.key_arn
    success   = var.notifications.success
  }
  artifacts = local.artifacts
  platform  = local.platform
}

module "codecommit" {
  source = "./modules/codecommit"
  count  = var.codecommit == null ? 0 : 1

  name       = var.name
  codecommit = var.codecommit
  vault      = module.vault.vault
  notifications = {
    topic_arn = module.observability.topic.arn
    key_arn   = module.observability.topic.key_arn
    success   = var.notifications.success
  }
  artifacts = local.artifacts
  platform  = local.platform
}

module "codeartifact" {
  source = "./modules/codeartifact"
  count  = var.codeartifact == null ? 0 : 1

  name         = var.name
  codeartifact = var.codeartifact
  vault        = module.vault.vault
  notifications = {
    topic_arn = module.observability.topic.arn
    key_arn   = module.observability.topic.key_arn
    success   = var.notifications.success
  }
  artifacts = local.artifacts
  platform  = local.platform
}

module "efs" {
  source = "./modules/efs"
  count  = var.efs == null ? 0 : 1

  name = var.name
  efs  = var.efs
  notifications = {
    topic_arn = module.observability.topic.arn
    key_arn   = module.observability.topic.key_arn
    success   = var.notifications.success
  }
  artifacts = local.artifacts
  platform  = local.platform
}

# Gives the sources the topic that they report to, and watches over them: the topic depends on none of them.
module "observability" {
  source = "./modules/observability"

  name          = var.name
  notifications = var.notifications
  sources = merge(
    { for source in module.github : "github" => source.observed },
    { for source in module.codecommit : "codecommit" => source.observed },
    { for source in module.codeartifact : "codeartifact" => source.observed },
  )
  efs         = one(module.efs[*].observed)
  replication = module.vault.replication
  artifacts   = local.artifacts
  platform    = local.platform
}
