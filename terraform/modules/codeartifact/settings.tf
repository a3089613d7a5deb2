locals {
  # What the functions are configured with for the source. A setting that is not set is left out.
  settings = {
    for key, value in {
      prefix  = var.codeartifact.prefix
      regions = local.regions
      filters = [
        for filter in var.codeartifact.filters : { for key, value in filter : key => value if value != null }
      ]
      external      = var.codeartifact.external
      share         = var.codeartifact.share
      project       = var.codeartifact.project
      rpo           = var.codeartifact.rpo
      rto           = var.codeartifact.rto
      notifySuccess = var.notifications.success
    } : key => value if value != null
  }
}
