data "aws_region" "current" {}

locals {
  # What layers/core/sources says of the sources; a test compares the two.
  sources = jsondecode(file("${path.module}/../../sources.json"))

  # GitHub is called by a variable of its own, and deployed as all others that have a secret.
  git_hosts = { for name, host in merge({ github = var.github }, var.git_hosts) : name => host if host != null }

  # By default what npm run build makes in a checkout.
  artifacts = (
    var.artifacts == null ? "${path.module}/../../../dist" :
    startswith(var.artifacts, "/") ? var.artifacts : "${path.root}/${var.artifacts}"
  )

  # What SHA256SUMS says, by file; only where its own digest is given.
  digests = var.artifacts_digest == null ? {} : {
    for line in compact(split("\n", try(file("${local.artifacts}/SHA256SUMS"), ""))) :
    split("  ", line)[1] => split("  ", line)[0]
  }

  # Where all sources report to, and of what.
  notifications = {
    topic_arn = module.observability.topic.arn
    key_arn   = module.observability.topic.key_arn
    success   = var.notifications.success
    secret = one([for secret in data.aws_secretsmanager_secret.addresses : {
      name = secret.name
      # Secrets Manager adds a hyphen and six characters to the name: one that is removed and made again is granted as well.
      arn     = replace(secret.arn, "/-[A-Za-z0-9]{6}$/", "-??????")
      key_arn = one(values(data.aws_kms_key.addresses)[*].arn)
    }])
  }

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

# By its name only. Its value is never read here: it would end up in the state.
data "aws_secretsmanager_secret" "addresses" {
  count = var.notifications.secret_name == null ? 0 : 1
  name  = var.notifications.secret_name
}

# The secret's own key, where it has one.
data "aws_kms_key" "addresses" {
  for_each = toset([
    for secret in data.aws_secretsmanager_secret.addresses : secret.kms_key_id
    if secret.kms_key_id != "" && !endswith(secret.kms_key_id, "alias/aws/secretsmanager")
  ])
  key_id = each.value
}

# Says to which VPC the subnets belong, which CodeBuild demands.
data "aws_subnet" "network" {
  count = var.network == null ? 0 : 1
  id    = var.network.subnet_ids[0]
}

module "vault" {
  source = "../vault"

  name                 = var.name
  vault                = var.vault
  permissions_boundary = var.permissions_boundary
}

module "git_host" {
  source   = "../git-host"
  for_each = local.git_hosts

  name          = var.name
  source_name   = each.key
  host          = each.value
  vault         = module.vault.vault
  notifications = local.notifications
  artifacts     = local.artifacts
  platform      = local.platform
}

module "codecommit" {
  source = "../codecommit"
  count  = var.codecommit == null ? 0 : 1

  name          = var.name
  codecommit    = var.codecommit
  vault         = module.vault.vault
  notifications = local.notifications
  artifacts     = local.artifacts
  platform      = local.platform
}

module "codeartifact" {
  source = "../codeartifact"
  count  = var.codeartifact == null ? 0 : 1

  name          = var.name
  codeartifact  = var.codeartifact
  vault         = module.vault.vault
  notifications = local.notifications
  artifacts     = local.artifacts
  platform      = local.platform
}

module "efs" {
  source = "../efs"
  count  = var.efs == null ? 0 : 1

  name          = var.name
  efs           = var.efs
  notifications = local.notifications
  artifacts     = local.artifacts
  platform      = local.platform
}

# Gives the sources the topic that they report to, and watches over them: the topic depends on none of them.
module "observability" {
  source = "../observability"

  name          = var.name
  notifications = var.notifications
  sources = merge(
    { for name, source in module.git_host : name => source.observed },
    { for source in module.codecommit : "codecommit" => source.observed },
    { for source in module.codeartifact : "codeartifact" => source.observed },
  )
  efs         = one(module.efs[*].observed)
  replication = module.vault.replication
  artifacts   = local.artifacts
  platform    = local.platform
}
