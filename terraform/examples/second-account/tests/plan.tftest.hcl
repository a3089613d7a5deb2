mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "vault"
  source          = "../../tests/mocks"
  override_during = plan
}

run "is_planned" {
  command = plan

  assert {
    condition     = output.vault.bucket == "acme-backups"
    error_message = "the vault is in the account that owns it"
  }
}
