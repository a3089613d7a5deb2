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
  source_name = "github"
  vault = {
    arn            = "arn:aws:s3:::vault"
    encryption_key = { arn = "arn:aws:kms:eu-central-1:123456789012:key/vault" }
  }
}

run "only_retention_deletes" {
  command = plan

  assert {
    condition     = [for role, policy in output.policies : role if strcontains(policy, "Delete")] == ["retention"]
    error_message = "of all roles only retention may delete"
  }
  assert {
    condition     = !strcontains(output.policies.retention, "DeleteObjectVersion")
    error_message = "and not even that one for good"
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(output.policies.retention).Statement :
      toset(flatten([statement.Resource])) == toset([for place in ["github", "checks/github", "removing/github"] : "arn:aws:s3:::vault/${place}/*"]) if contains(flatten([statement.Action]), "s3:DeleteObject")
    ])
    error_message = "nor anything of another source"
  }
}

run "nobody_changes_how_the_bucket_protects_it" {
  command = plan

  assert {
    condition = length(setsubtract(
      flatten([for policy in values(output.policies) : [for statement in jsondecode(policy).Statement : statement.Action]]),
      [
        "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
        "kms:Decrypt", "kms:GenerateDataKey",
      ],
    )) == 0
    error_message = "no role may do anything to the vault but read, write, list and, for retention, delete"
  }
}

run "writers_create_but_never_replace" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for role in ["inventory", "backup", "retention"] : [
        for statement in jsondecode(output.policies[role]).Statement :
        try(statement.Condition.Null["s3:if-none-match"], "") == "false" || try(statement.Condition.Bool["s3:ObjectCreationOperation"], "") == "false"
        if statement.Effect == "Allow" && contains(flatten([statement.Action]), "s3:PutObject")
      ]
    ]))
    error_message = "S3 refuses writes of the inventory and of backups that could replace something"
  }
}

run "each_role_writes_in_its_own_place" {
  command = plan

  assert {
    condition = {
      for role, policy in output.policies : role => toset(flatten([
        for statement in jsondecode(policy).Statement : statement.Resource if statement.Effect == "Allow" && contains(flatten([statement.Action]), "s3:PutObject")
      ]))
      } == {
      inventory = toset([
        "arn:aws:s3:::vault/runs/github/*/inventory.json",
        "arn:aws:s3:::vault/holdfast-vault.json", "arn:aws:s3:::vault/RESTORE.md",
      ])
      backup = toset(["arn:aws:s3:::vault/github/*", "arn:aws:s3:::vault/index/github/*"])
      report = toset([
        "arn:aws:s3:::vault/runs/github/*/report.json", "arn:aws:s3:::vault/runs/github/*/chain.sha256",
        "arn:aws:s3:::vault/runs/github/*/notified.json", "arn:aws:s3:::vault/runs/github/*/report.html",
        "arn:aws:s3:::vault/runs/github/latest.json",
      ])
      retention = toset(["arn:aws:s3:::vault/removing/github/*", "arn:aws:s3:::vault/removed/github/*"])
      drill     = toset(["arn:aws:s3:::vault/checks/github/*", "arn:aws:s3:::vault/drills/github/*"])
    }
    error_message = "records of runs and snapshots are written by different roles"
  }
}

run "replaces_nothing_but_verdicts_and_the_pointer_to_the_latest_run" {
  command = plan

  assert {
    condition = flatten([
      for policy in values(output.policies) : [
        for statement in jsondecode(policy).Statement : statement.Resource
        if statement.Effect == "Allow" && contains(flatten([statement.Action]), "s3:PutObject") && !can(statement.Condition)
      ]
    ]) == ["arn:aws:s3:::vault/checks/github/*", "arn:aws:s3:::vault/runs/github/latest.json"]
    error_message = "a report that is there stays what it is"
  }
}

run "keeps_every_role_below_the_prefix" {
  command = plan
  variables {
    prefix = "backups/code"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(output.policies) : [
        for statement in jsondecode(policy).Statement : [
          for arn in flatten([statement.Resource]) : startswith(arn, "arn:aws:s3:::vault/backups/code/") || arn == "arn:aws:s3:::vault" || startswith(arn, "arn:aws:kms:")
        ]
      ]
    ]))
    error_message = "another prefix is another vault"
  }
  assert {
    condition     = alltrue([for policy in values(output.policies) : !can(regex("vault(/backups/code)?/\\*/", policy))])
    error_message = "and nothing is granted by the name of the source alone, which a repository or its owner may have as well"
  }
}

run "lets_no_writer_give_verdicts" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(output.policies.backup).Statement : [statement.Action, toset(statement.Resource)] if statement.Effect == "Deny"
    ] == [["s3:PutObject", toset(["arn:aws:s3:::vault/github/*Z/check-*", "arn:aws:s3:::vault/checks/*"])]]
    error_message = "retention keeps what was proven, and a backup proves nothing of itself"
  }
}

run "lets_the_drill_alone_give_verdicts" {
  command = plan

  assert {
    condition = [
      for role, policy in output.policies : role if anytrue([
        for statement in jsondecode(policy).Statement :
        statement.Effect == "Allow" && contains(flatten([statement.Action]), "s3:PutObject") && strcontains(jsonencode(statement.Resource), "/checks/")
      ])
    ] == ["drill"]
    error_message = "who could say by itself that it is intact would prove nothing"
  }
  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.policies.drill).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:GetObject")
    ])) == toset([for place in ["github/*", "runs/github/*", "removed/github/*", "checks/github/*", "drills/github/*"] : "arn:aws:s3:::vault/${place}"])
    error_message = "of its own source"
  }
}

run "refuses_a_wildcard_in_the_prefix" {
  command = plan
  variables {
    prefix = "backups/*"
  }
  expect_failures = [var.prefix]
}

run "reads_for_the_chain_of_reports_what_it_lists" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.policies.report).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:GetObject")
    ])) == toset([for place in ["runs/github/*", "github/*/manifest.json", "removed/github/*", "drills/github/*"] : "arn:aws:s3:::vault/${place}"])
    error_message = "manifests and records, and no data"
  }
}

run "tags_nothing_unless_asked" {
  command = plan

  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "Tagging")])
    error_message = "no role needs it"
  }
}

run "tags_snapshots_by_the_role_that_stores_them" {
  command = plan
  variables {
    tagged = true
  }

  assert {
    condition     = [for role, policy in output.policies : role if strcontains(policy, "Tagging")] == ["backup"]
    error_message = "by no other"
  }
  assert {
    condition = [
      for statement in jsondecode(output.policies.backup).Statement : [statement.Action, statement.Resource] if statement.Sid == "TagSnapshots"
    ] == [["s3:PutObjectTagging", "arn:aws:s3:::vault/github/*"]]
    error_message = "when it stores them, and nothing but snapshots"
  }
}

run "grants_no_key_where_there_is_none" {
  command = plan
  variables {
    vault = { arn = "arn:aws:s3:::vault" }
  }

  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "kms:")])
    error_message = "without a key there is nothing to grant"
  }
}

run "works_in_other_partitions" {
  command = plan
  variables {
    vault = { arn = "arn:aws-cn:s3:::vault" }
  }

  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "arn:aws:")])
    error_message = "no partition is written down"
  }
}

run "refuses_a_source_that_a_vault_has_no_place_for" {
  command = plan
  variables {
    source_name = "runs"
  }
  expect_failures = [var.source_name]
}

run "refuses_a_source_that_is_called_like_the_records_of_drills" {
  command = plan
  variables {
    source_name = "drills"
  }
  expect_failures = [var.source_name]
}
