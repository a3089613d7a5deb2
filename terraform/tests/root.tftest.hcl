# The module has the tests of what is deployed; these show that the settings reach it.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

# Each is set, so that the settings of the user who runs this do not count.
variables {
  name          = "holdfast"
  tags          = {}
  artifacts     = "tests/artifacts"
  vault         = {}
  notifications = {}
  github        = {}
  codecommit    = null
  codeartifact  = null
  network       = null
  git_hosts     = { gitea = {} }
  efs           = null
}

run "hands_its_settings_to_the_module" {
  command = plan

  assert {
    condition     = output.github != null && keys(output.git_hosts) == ["gitea"] && output.codecommit == null && output.efs == null
    error_message = "what is set is deployed, and nothing else"
  }
  assert {
    condition     = output.vault.location == "s3://holdfast-vault-123456789012-eu-central-1/"
    error_message = "and what is not set has the module's default"
  }
}

run "refuses_to_lose_its_own_tag" {
  command = plan
  variables {
    tags = { holdfast = "mine" }
  }
  expect_failures = [var.tags]
}
