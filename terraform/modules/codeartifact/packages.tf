# What the roles may do to packages: list and read, and nothing more.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html
locals {
  # Without filters everything in the account's own domains. Domains of other accounts must let this one in themselves.
  filters = [
    for filter in coalescelist(var.codeartifact.filters, [{ domain = "*", owner = null, repositories = [], formats = [] }]) : {
      owner        = coalesce(filter.owner, local.account)
      domain       = filter.domain
      repositories = coalescelist(filter.repositories, ["*"])
      formats      = coalescelist(filter.formats, ["*"])
    }
  ]

  # IAM knows two of the wildcards that a glob may have, with the same meaning. What has others is left open.
  places = flatten([
    for region in local.regions : [
      for filter in local.filters : [
        for repository in filter.repositories : {
          account    = "arn:${local.partition}:codeartifact:${region}:${filter.owner}"
          domain     = can(regex("^[\\w.*?-]+$", filter.domain)) ? filter.domain : "*"
          repository = can(regex("^[\\w.*?-]+$", repository)) ? repository : "*"
          formats    = filter.formats
        }
      ]
    ]
  ])
  named = {
    domains      = distinct([for place in local.places : "${place.account}:domain/${place.domain}"])
    repositories = distinct([for place in local.places : "${place.account}:repository/${place.domain}/${place.repository}"])
    packages = distinct(flatten([
      for place in local.places : [
        for format in place.formats : "${place.account}:package/${place.domain}/${place.repository}/${format == "*" ? "*" : "${format}/*"}"
      ]
    ]))
  }
  accounts = distinct(local.places[*].account)
  every = {
    domains      = [for account in local.accounts : "${account}:domain/*"]
    repositories = [for account in local.accounts : "${account}:repository/*"]
    packages     = [for account in local.accounts : "${account}:package/*"]
  }

  # The policies of a role have 10,240 characters together, half of which the rest takes; each resource stands there twice.
  few    = length(jsonencode([local.named, local.named])) <= 5000
  chosen = local.few ? local.named : local.every
}

data "aws_iam_policy_document" "list" {
  # Finds the domains of the account. CodeArtifact knows no resources for this.
  statement {
    sid       = "ListDomains"
    actions   = ["codeartifact:ListDomains"]
    resources = ["*"]
  }

  # Finds the repositories of the domains that were chosen.
  statement {
    sid       = "ListRepositories"
    actions   = ["codeartifact:ListRepositoriesInDomain"]
    resources = local.chosen.domains
  }

  # Finds the packages in them.
  statement {
    sid       = "ListPackages"
    actions   = ["codeartifact:ListPackages"]
    resources = local.chosen.repositories
  }
}

# For the function and for its counterpart in CodeBuild.
data "aws_iam_policy_document" "repositories" {
  # Keeps what a repository is beside its packages: description, upstreams, external connections, policy, tags.
  statement {
    sid = "ReadRepositories"
    actions = [
      "codeartifact:DescribeRepository", "codeartifact:GetRepositoryPermissionsPolicy", "codeartifact:ListTagsForResource",
    ]
    resources = local.chosen.repositories
  }

  # Keeps the policy of the domain, under which that of the repository means what it means.
  statement {
    sid       = "ReadDomains"
    actions   = ["codeartifact:GetDomainPermissionsPolicy"]
    resources = local.chosen.domains
  }

  # Reads the tags of npm packages, of which the API tells none but one: by npm's own protocol, with a token. What it may
  # be used for is what this role may do, and of the registry that is to read.
  statement {
    sid       = "ReadTags"
    actions   = ["codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository"]
    resources = local.chosen.repositories
  }

  statement {
    sid       = "GetToken"
    actions   = ["codeartifact:GetAuthorizationToken"]
    resources = local.chosen.domains
  }

  # A token is one of STS, which knows no resources for this.
  # https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html
  statement {
    sid       = "GetServiceToken"
    actions   = ["sts:GetServiceBearerToken"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "sts:AWSServiceName"
      values   = ["codeartifact.amazonaws.com"]
    }
  }

  # Compares all versions of a package with the vault, and keeps its origin controls.
  statement {
    sid       = "ListVersions"
    actions   = ["codeartifact:ListPackageVersions", "codeartifact:DescribePackage"]
    resources = local.chosen.packages
  }
}

# For these, and for the function that takes events: it looks at single versions, and lists nothing.
data "aws_iam_policy_document" "versions" {
  # Takes all that a version is. Through the API, which needs no token of a registry; CodeArtifact decrypts what it gives
  # out by itself, so no right on a key is needed either.
  statement {
    sid = "ReadVersions"
    actions = [
      "codeartifact:DescribePackageVersion", "codeartifact:ListPackageVersionAssets", "codeartifact:GetPackageVersionAsset",
      "codeartifact:GetPackageVersionReadme", "codeartifact:ListPackageVersionDependencies",
    ]
    resources = local.chosen.packages
  }
}
