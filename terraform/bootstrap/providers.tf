# Applied once, with an administrator's credentials from the environment. The state stays on the administrator's disk;
# it holds nothing secret, and what it describes can be imported again.
provider "aws" {
  default_tags {
    tags = merge(var.tags, { holdfast = var.name })
  }
}
