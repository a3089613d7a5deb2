mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "is_planned" {
  command = plan

  assert {
    condition     = toset(keys(output.vault.locations)) == toset(["github", "gitlab", "gitea", "codecommit", "codeartifact"])
    error_message = "every source has its place in the vault"
  }
}
