# The one command that the orchestrator may send to instances. AWS-RunShellScript would let it, or who has stolen its role,
# do anything there as root, with the rights of instances over file systems and their snapshots.
resource "aws_ssm_document" "stop" {
  name            = "${local.name}-stop"
  document_type   = "Command"
  document_format = "JSON"
  target_type     = "/AWS::EC2::Instance"

  # https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html#aws-runShellScript
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "Ends Holdfast's program on an instance in good order"
    mainSteps = [{
      name   = "stop"
      action = "aws:runShellScript"
      inputs = {
        # Sends the program SIGTERM, and waits until it has stored its result.
        runCommand     = ["systemctl stop holdfast-efs"]
        timeoutSeconds = "900"
      }
    }]
  })
}
