"""The integration `codebuild:startBuild`, `.sync` too. The engine knows the service by name only.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
"""

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from .. import calls, clients
from ..patching import replace_everywhere
from .integrations import VIA

_original_service_for = state_task_service_factory.state_task_service_for


def install() -> None:
    replace_everywhere("state_task_service_for", _original_service_for, _service_for)


def _service_for(service_name: str) -> Any:
    return CodeBuildTask() if service_name == "codebuild" else _original_service_for(service_name)


class CodeBuildTask(StateTaskServiceCallback):
    def __init__(self) -> None:
        # The engine's .sync needs the endpoint that it makes for task tokens.
        super().__init__({ResourceCondition.Sync, ResourceCondition.WaitForTaskToken})

    def _get_supported_parameters(self) -> set[str] | None:
        if self.resource.api_action not in ("startBuild", "stopBuild", "batchDeleteBuilds"):
            return None
        client = clients.client("codebuild", "us-east-1", "none", VIA)
        operation = self.resource.api_action[0].upper() + self.resource.api_action[1:]
        members = client.meta.service_model.operation_model(operation).input_shape.members
        return {name[0].upper() + name[1:] for name in members}

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> None:
        client = clients.client("codebuild", resource_runtime_part.region, state_credentials.role_arn, VIA)
        answer = getattr(client, self._get_boto_service_action())(**normalised_parameters)
        answer.pop("ResponseMetadata", None)
        env.stack.append(answer)

    def _build_sync_resolver(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> Any:
        role = state_credentials.role_arn
        client = clients.client("codebuild", resource_runtime_part.region, role, VIA)
        build_id = env.stack.pop()["Build"]["Id"]
        _note_permissions(role, resource_runtime_part, build_id)

        def resolve() -> dict[str, Any] | None:
            found = client.batch_get_builds(ids=[build_id])
            if found["builds"][0]["buildStatus"] == "IN_PROGRESS":
                return None
            found.pop("ResponseMetadata")
            self._normalise_response(found, service_action_name="batch_get_builds")
            result = {"Build": found["Builds"][0]}
            if result["Build"]["BuildStatus"] == "SUCCEEDED":
                return result
            raise self._failure(env, "States.TaskFailed", json.dumps(result))

        resolve.stop = lambda: client.stop_build(id=build_id)
        return resolve

    def _eval_sync(self, env: Any, **arguments: Any) -> Any:
        result = super()._eval_sync(env=env, **arguments)
        if not isinstance(result, dict):  # the task timed out, or the execution was stopped
            arguments["sync_resolver"].stop()
        return result

    def _failure(self, env: Any, error: str, cause: str) -> FailureEventException:
        return FailureEventException(
            FailureEvent(
                env=env,
                error_name=CustomErrorName(error),
                event_type=HistoryEventType.TaskFailed,
                event_details=EventDetails(
                    taskFailedEventDetails=TaskFailedEventDetails(
                        resource=self._get_sfn_resource(),
                        resourceType=self._get_sfn_resource_type(),
                        error=error,
                        cause=cause,
                    )
                ),
            )
        )

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if isinstance(ex, ClientError):
            problem = ex.response["Error"]
            return self._failure(env, f"CodeBuild.{problem['Code']}", problem["Message"]).failure_event
        return super()._from_error(env=env, ex=ex)


def _note_permissions(role: str, runtime: Any, build_id: str) -> None:
    """What AWS asks of the role beyond StartBuild, to learn of the end of the build."""
    prefix = f"{runtime.region}:{runtime.account}"
    project = f"arn:aws:codebuild:{prefix}:project/{build_id.partition(':')[0]}"
    for action in ("codebuild:StopBuild", "codebuild:BatchGetBuilds"):
        calls.note(role, VIA, action, project)
    rule = f"arn:aws:events:{prefix}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule"
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        calls.note(role, VIA, action, rule)
