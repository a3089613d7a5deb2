# The real provider renders policies without any account.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  bucket_arn = "arn:aws:s3:::vault"
  prefix     = "backups"
  accounts = {
    "111111111111" = ["arn:aws:iam::111111111111:role/holdfast-*"]
    "222222222222" = []
  }
}

run "lets_an_account_into_its_own_place_only" {
  command = plan

  assert {
    condition = toset(flatten([for statement in jsondecode(output.policies.bucket).Statement : statement.Resource])) == toset([
      "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/*", "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/runs/*/latest.json", "arn:aws:s3:::vault",
      "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/*Z/check-*", "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/checks/*",
    ])
    error_message = "objects by the number of the account that asks"
  }
  assert {
    condition = [
      for statement in jsondecode(output.policies.bucket).Statement : [statement.Action, statement.Condition.StringLike["s3:prefix"]]
      if flatten([statement.Resource]) == ["arn:aws:s3:::vault"]
    ] == [["s3:ListBucket", "backups/$${aws:PrincipalAccount}/*"]]
    error_message = "and the list below it"
  }
}

run "lets_nothing_be_removed_or_replaced" {
  command = plan

  assert {
    condition = toset(flatten([for statement in jsondecode(output.policies.bucket).Statement : statement.Action])) == toset([
      "s3:PutObject", "s3:PutObjectTagging", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListBucket",
    ])
    error_message = "write, tag, read, list"
  }
  assert {
    condition = [
      for statement in jsondecode(output.policies.bucket).Statement : statement.Resource
      if statement.Effect == "Allow" && contains(flatten([statement.Action]), "s3:PutObject") && !can(statement.Condition.Null["s3:if-none-match"]) && !can(statement.Condition.Bool["s3:ObjectCreationOperation"])
    ] == ["arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/runs/*/latest.json"]
    error_message = "only the pointer to the latest run is ever replaced"
  }
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(output.policies.bucket).Statement : [
        try(statement.Condition.Null["s3:if-none-match"], "false") == "false", try(statement.Condition.Bool["s3:ObjectCreationOperation"], "false") == "false",
      ]
    ]))
    error_message = "and a write must ask not to"
  }
}

run "lets_in_only_who_is_named" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in values(output.policies) : [
        for statement in jsondecode(policy).Statement : [
          toset(statement.Principal.AWS) == toset(["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]),
          toset(statement.Condition.ArnLike["aws:PrincipalArn"]) == toset(["arn:aws:iam::111111111111:role/holdfast-*", "arn:aws:iam::222222222222:*"]),
        ]
      ]
    ]))
    error_message = "these roles of the one account, and all of the other"
  }
}

run "lets_nobody_say_that_its_own_is_intact" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(output.policies.bucket).Statement : [statement.Action, toset(statement.Resource)] if statement.Effect == "Deny"
      ] == [["s3:PutObject", toset([
        "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/*Z/check-*", "arn:aws:s3:::vault/backups/$${aws:PrincipalAccount}/checks/*",
    ])]]
    error_message = "or that the true ones are not: that is the owner's to say"
  }
}

run "lends_the_key_by_way_of_the_bucket" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(output.policies.key).Statement :
      [toset(statement.Action), statement.Condition.StringEquals["kms:ViaService"], toset(statement.Condition.ArnLike["kms:EncryptionContext:aws:s3:arn"])]
    ] == [[toset(["kms:GenerateDataKey", "kms:Decrypt"]), "s3.eu-central-1.amazonaws.com", toset(["arn:aws:s3:::vault", "arn:aws:s3:::vault/*"])]]
    error_message = "to store and to read, and for nothing else"
  }
}

run "begins_at_the_top_without_a_prefix" {
  command = plan
  variables {
    prefix = ""
  }

  assert {
    condition = (
      strcontains(output.policies.bucket, "\"arn:aws:s3:::vault/$${aws:PrincipalAccount}/*\"") &&
      strcontains(output.policies.bucket, "\"$${aws:PrincipalAccount}/*\"")
    )
    error_message = "with no slash too many"
  }
}

run "refuses_to_let_nobody_in" {
  command = plan
  variables {
    accounts = {}
  }
  expect_failures = [var.accounts]
}

run "refuses_an_alias_for_an_account" {
  command = plan
  variables {
    accounts = { acme = [] }
  }
  expect_failures = [var.accounts]
}

run "refuses_a_role_of_another_account" {
  command = plan
  variables {
    accounts = { "111111111111" = ["arn:aws:iam::222222222222:role/holdfast-codecommit-backup"] }
  }
  expect_failures = [var.accounts]
}

run "refuses_a_wildcard_in_the_prefix" {
  command = plan
  variables {
    prefix = "backups/*"
  }
  expect_failures = [var.prefix]
}

run "refuses_a_name_for_the_bucket" {
  command = plan
  variables {
    bucket_arn = "vault"
  }
  expect_failures = [var.bucket_arn]
}
