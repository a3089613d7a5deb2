mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "is_planned" {
  command = plan

  assert {
    condition     = output.vault.locations.github == "s3://holdfast-vault-123456789012-eu-central-1/"
    error_message = "GitHub goes into a vault of its own"
  }
}
