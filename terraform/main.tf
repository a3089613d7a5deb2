# Everything is in the module, which a configuration without a fork calls in the same way: examples/ has some.
module "holdfast" {
  source = "./modules/holdfast"

  name                 = var.name
  artifacts            = var.artifacts
  artifacts_digest     = var.artifacts_digest
  lambda_runtime       = var.lambda_runtime
  architecture         = var.architecture
  logs                 = var.logs
  log_retention_days   = var.log_retention_days
  permissions_boundary = var.permissions_boundary
  network              = var.network
  vault                = var.vault
  notifications        = var.notifications
  github               = var.github
  git_hosts            = var.git_hosts
  codecommit           = var.codecommit
  codeartifact         = var.codeartifact
  efs                  = var.efs
}

# What was deployed before the module was there keeps its place.
moved {
  from = module.vault
  to   = module.holdfast.module.vault
}

moved {
  from = module.github[0]
  to   = module.holdfast.module.git_host["github"]
}

moved {
  from = module.git_host
  to   = module.holdfast.module.git_host
}

moved {
  from = module.codecommit
  to   = module.holdfast.module.codecommit
}

moved {
  from = module.codeartifact
  to   = module.holdfast.module.codeartifact
}

moved {
  from = module.efs
  to   = module.holdfast.module.efs
}

moved {
  from = module.observability
  to   = module.holdfast.module.observability
}

moved {
  from = aws_lambda_layer_version.core
  to   = module.holdfast.aws_lambda_layer_version.core
}
