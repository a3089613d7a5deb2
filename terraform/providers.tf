# The region and the credentials come from the environment: AWS_REGION, AWS_PROFILE, a role.
provider "aws" {
  default_tags {
    # The tag holdfast says to which deployment a thing belongs; the role that deploys may touch keys by this tag only.
    tags = merge(var.tags, { holdfast = var.name })
  }
}
