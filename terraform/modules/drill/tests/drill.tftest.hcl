mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "holdfast-github-drill"
  source_name = "github"
  drill = {
    package      = "../../tests/artifacts/functions/drill.zip"
    environment  = { HOLDFAST_SOURCE = "github" }
    policies     = { vault = "{}" }
    memory_mb    = 3008
    ephemeral_mb = 2048
    expression   = "cron(0 12 ? * SUN *)"
    time_zone    = "UTC"
    slices       = 13
  }
  schedule_group   = "holdfast-github"
  dead_letters_arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-github-dead-letters"
  platform = {
    runtime              = "nodejs22.x"
    architecture         = "arm64"
    layers               = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days   = 90
    permissions_boundary = "arn:aws:iam::123456789012:policy/holdfast-boundary"
  }
}

run "goes_on_until_nothing_is_left" {
  assert {
    condition     = local.definition.States.AnythingLeft.Choices[0].Next == "Drill" && local.definition.States.AnythingLeft.Default == "Close"
    error_message = "part by part, since a function has a quarter of an hour"
  }
  assert {
    condition     = one(local.definition.States.Drill.Catch).Next == "Close" && local.definition.States.CameToItsEnd.Default == "Unfinished"
    error_message = "what was found is stored and told also where a part failed; but then it was no drill"
  }
  assert {
    condition     = alltrue([for state in [local.definition.States.Drill, local.definition.States.Close] : state.TimeoutSeconds > module.function.function.timeout_seconds])
    error_message = "the function ends before its state does"
  }
}

run "tells_the_function_in_how_many_drills_all_have_their_turn" {
  assert {
    condition     = module.function.function.name == "holdfast-github-drill"
    error_message = "the function has the name of the drills"
  }
}

run "each_role_does_one_thing" {
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.state_machine.statement : [one(statement.actions), one(statement.resources)]
    ] == [["lambda:InvokeFunction", module.function.function.arn]]
    error_message = "the state machine invokes the function, by its alias"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.schedule.statement : [one(statement.actions), one(statement.resources)]
    ] == [["states:StartExecution", aws_sfn_state_machine.drill.arn], ["sqs:SendMessage", var.dead_letters_arn]]
    error_message = "and the schedule starts the state machine"
  }
  assert {
    condition     = aws_iam_role.state_machine.permissions_boundary == var.platform.permissions_boundary && aws_iam_role.schedule.permissions_boundary == var.platform.permissions_boundary
    error_message = "under the boundary"
  }
}

run "waits_for_the_network_of_a_function_that_was_idle" {
  assert {
    condition = alltrue([
      for state in [local.definition.States.Drill, local.definition.States.Close] : length(setsubtract([
        "Lambda.ResourceNotReadyException", "Lambda.EC2ThrottledException", "Lambda.EC2UnexpectedException", "Lambda.ENILimitReachedException",
        "Lambda.SubnetIPAddressLimitReachedException",
      ], flatten(state.Retry[*].ErrorEquals))) == 0
    ])
    error_message = "a drill waits for the network of a function that was idle, and closes all the same"
  }
}
