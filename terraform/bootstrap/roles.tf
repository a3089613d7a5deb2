resource "aws_iam_role" "deploy" {
  for_each             = local.subjects
  name                 = "${var.name}-deploy-${each.key}"
  description          = each.key == "plan" ? "Plans on pull requests, and changes nothing" : "Applies from the protected environment"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_policy" "deploy" {
  for_each    = local.policies
  name        = "${var.name}-deploy-${replace(each.key, "_", "-")}"
  description = "Part of what the deployment of ${var.name} may do"
  policy      = each.value

  lifecycle {
    precondition {
      # IAM does not count white space, of which a rendered document has some.
      condition     = length(replace(each.value, "/\\s/", "")) <= 6144
      error_message = "IAM takes no policy of more than 6,144 characters: grant fewer things by name."
    }
  }
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = merge([for role, policies in local.attached : { for policy in policies : "${role}-${policy}" => { role = role, policy = policy } }]...)
  role       = aws_iam_role.deploy[each.value.role].name
  policy_arn = aws_iam_policy.deploy[each.value.policy].arn
}

locals {
  policies = merge({
    state        = data.aws_iam_policy_document.state_access.json
    read         = data.aws_iam_policy_document.read.json
    read_storage = data.aws_iam_policy_document.read_storage.json
    storage      = data.aws_iam_policy_document.storage.json
    vault        = data.aws_iam_policy_document.vault.json
    compute      = data.aws_iam_policy_document.compute.json
    observe      = data.aws_iam_policy_document.observation.json
    identity     = data.aws_iam_policy_document.identity.json
    }, length(local.efs) == 0 ? {} : {
    efs_read   = data.aws_iam_policy_document.efs_read[0].json
    efs_change = data.aws_iam_policy_document.efs_change[0].json
  })

  # IAM attaches no more than ten to a role, unless an account has asked for more.
  attached = {
    plan  = concat(["state", "read", "read_storage"], length(local.efs) == 0 ? [] : ["efs_read"])
    apply = concat(["state", "read", "read_storage", "storage", "vault", "compute", "observe", "identity"], length(local.efs) == 0 ? [] : ["efs_read", "efs_change"])
  }
}
