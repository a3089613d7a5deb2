# What the starter of a build may set. It runs by the project's role, which has more rights than they, so they say
# which item is meant and nothing else: neither what runs, nor where, nor by which role. CodeBuild knows no key for the
# version of the source, whose content is checked by its digest.
# https://docs.aws.amazon.com/codebuild/latest/userguide/action-context-keys.html
data "aws_iam_policy_document" "start" {
  statement {
    sid       = "StartBuilds"
    actions   = ["codebuild:StartBuild"]
    resources = [local.project_arn]

    # Others could make Node.js load a program of theirs.
    condition {
      test     = "ForAllValues:StringEquals"
      variable = "codebuild:environment.environmentVariables.name"
      values   = ["HOLDFAST_ITEM", "HOLDFAST_RUN", "HOLDFAST_VAULT"]
    }

    dynamic "condition" {
      for_each = [
        "source.buildspec", "source.location", "source.auth.type", "source.auth.resource", "source.insecureSsl", "secondarySources",
        "environment.image", "environment.imagePullCredentialsType", "environment.registryCredential", "environment.certificate",
        "environment.privilegedMode", "environment.type", "environment.computeType", "environment.fleet.fleetArn",
        "serviceRole", "artifacts.location", "secondaryArtifacts", "cache.location", "logsConfig.s3Logs.location", "encryptionKey",
      ]

      content {
        test     = "Null"
        variable = "codebuild:${condition.value}"
        values   = ["true"]
      }
    }
  }
}
