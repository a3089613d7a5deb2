"""How tasks call services: in the name of the state machine's role, and with AWS's spelling of names.

The engine calls with one anonymous key, and moto left out the translation between the names that Step
Functions uses (PascalCase) and those of the APIs, so that services with camelCase names fail.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.utils import boto_client

from .. import clients, settings
from ..patching import replace_everywhere

VIA = "step-functions"


def install() -> None:
    replace_everywhere("boto_client_for", boto_client.boto_client_for, _client_for)
    StateTaskService._normalise_parameters = _normalise_parameters
    StateTaskService._normalise_response = _normalise_response
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES.update(
        autoscaling="AutoScaling",
        cloudwatch="CloudWatch",
        codebuild="CodeBuild",
        codecommit="CodeCommit",
        ec2="Ec2",
        efs="Efs",
        lambda_="Lambda",
        s3="S3",
        secretsmanager="SecretsManager",
        sns="Sns",
        sqs="Sqs",
        ssm="Ssm",
    )


def _client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    return clients.client(service, region, state_credentials.role_arn, VIA)


def _normalise_parameters(
    self: StateTaskService, parameters: dict[str, Any], boto_service_name: Any = None, service_action_name: Any = None
) -> None:
    shape = _operation(self, boto_service_name, service_action_name).input_shape
    if shape is not None:
        self._to_boto_request(parameters, shape)


def _normalise_response(
    self: StateTaskService, response: Any, boto_service_name: Any = None, service_action_name: Any = None
) -> None:
    shape = _operation(self, boto_service_name, service_action_name).output_shape
    if shape is not None:
        self._from_boto_response(response, shape)
    _without_datetimes(response)


def _operation(task: StateTaskService, service: str | None, action: str | None) -> Any:
    client = clients.client(task._get_boto_service_name(service), settings.REGION, "none", VIA)
    name = client.meta.method_to_api_mapping[task._get_boto_service_action(action)]
    return client.meta.service_model.operation_model(name)


def _without_datetimes(node: Any) -> None:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(entries):
        if hasattr(value, "isoformat"):
            node[key] = value.isoformat()
        else:
            _without_datetimes(value)
