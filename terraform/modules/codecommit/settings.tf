locals {
  # What the functions are configured with for the source. A setting that is not set is left out.
  settings = {
    for key, value in {
      prefix        = var.codecommit.prefix
      regions       = local.regions
      include       = var.codecommit.include
      exclude       = var.codecommit.exclude
      tags          = var.codecommit.tags
      fips          = var.codecommit.fips
      roles         = local.elsewhere ? [for role in var.codecommit.roles : { arn = role.arn, externalId = role.external_id }] : null
      gitEndpoint   = var.codecommit.git_endpoint
      format        = var.codecommit.format
      project       = var.codecommit.project
      rpo           = var.codecommit.rpo
      rto           = var.codecommit.rto
      notifySuccess = var.notifications.success
    } : key => value if value != null
  }
}
