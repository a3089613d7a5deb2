"""The API on top of the engine: what moto answers wrongly or not at all.

- StartExecution works once per server (it copies the backend, locks and all), does not name executions, and
  does not know aliases;
- DescribeExecution and GetExecutionHistory know neither children nor pages, and some answers are malformed;
- ValidateStateMachineDefinition (without which Terraform waits for ever), ListStateMachineVersions and
  RedriveExecution are missing.
"""

import copy
import uuid
from datetime import datetime, timezone
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import ExecutionAlreadyExists, InvalidExecutionInput, StateMachineDoesNotExist
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from . import definitions, registry
from .execution import LocalExecution, wait_until_started


class ExecutionNotRedrivable(AWSError):
    TYPE = "ExecutionNotRedrivable"
    STATUS = 400


def install() -> None:
    StepFunctionsParserBackend.start_execution = _start_execution
    # Where the engine looks for the owner of a task token: it would not find the children of maps.
    StepFunctionsParserBackend._get_executions = lambda self, execution_status=None: registry.begun(execution_status)
    for name, respond in {
        "describe_execution": _describe_execution,
        "describe_map_run": lambda self: ActionResult(registry.map_run(self._get_param("mapRunArn")).describe()),
        "get_execution_history": _get_execution_history,
        "list_executions": _list_executions,
        "list_map_runs": _list_map_runs,
        "list_state_machine_versions": _list_state_machine_versions,
        "redrive_execution": _redrive_execution,
        "stop_execution": _stop_execution,
        "update_map_run": _update_map_run,
        "validate_state_machine_definition": _validate,
    }.items():
        setattr(StepFunctionResponse, name, respond)


def _resolve(backend: StepFunctionsParserBackend, arn: str) -> tuple[Any, Any]:
    """The state machine that holds the executions, and what runs: it, or one of its versions."""
    for machine in backend.state_machines:
        if arn == machine.arn:
            return machine, machine
        for version in machine.versions.values():
            if arn == version.arn:
                return machine, version
        for alias in machine.aliases.values():
            if arn == alias.arn:
                routed = max(alias.routing_configuration, key=lambda route: route["weight"])
                return _resolve(backend, routed["stateMachineVersionArn"])
    raise StateMachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")


def _start_execution(
    self: StepFunctionsParserBackend,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: Any = None,
) -> LocalExecution:
    machine, version = _resolve(self, state_machine_arn)
    name = name or str(uuid.uuid4())
    self._validate_name(name)
    text = execution_input or "{}"
    for existing in machine.executions:
        if existing.name == name:
            if existing.execution_input == text and existing.status == "RUNNING":
                return existing
            raise ExecutionAlreadyExists(f"Execution Already Exists: '{existing.exec_arn}'")
    running = copy.copy(version)  # an update of the machine does not change what runs
    running.arn, running.name = machine.arn, machine.name
    try:
        execution = LocalExecution(
            name=name,
            sm_type=machine.sm_type,
            role_arn=version.roleArn,
            exec_arn=f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}",
            account_id=self.account_id,
            region_name=self.region_name,
            state_machine=running,
            start_date=datetime.now(timezone.utc),
            input_data=text,
        )
    except ValueError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
    machine.executions.append(execution)
    registry.add_execution(execution)
    execution.start()
    return execution


def _describe_execution(self: StepFunctionResponse) -> ActionResult:
    return ActionResult(registry.execution(self._get_param("executionArn")).describe())


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    execution = registry.execution(self._get_param("executionArn"))
    wait_until_started(execution)
    execution.stop(datetime.now(timezone.utc), self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": datetime.now(timezone.utc)})


def _redrive_execution(self: StepFunctionResponse) -> ActionResult:
    execution = registry.execution(self._get_param("executionArn"))
    if execution.map_run_arn or not execution.redrivable():
        reason = execution.describe().get("redriveStatusReason", "Execution is redrivable by its map run only")
        raise ExecutionNotRedrivable(reason)
    execution.redrive()
    return ActionResult({"redriveDate": execution.redrive_date})


def _page(response: StepFunctionResponse, entries: list[Any], default: int = 100) -> tuple[list[Any], str | None]:
    start = int(response._get_param("nextToken") or 0)
    end = start + (response._get_int_param("maxResults") or default)
    return entries[start:end], str(end) if end < len(entries) else None


def _get_execution_history(self: StepFunctionResponse) -> ActionResult:
    execution = registry.execution(self._get_param("executionArn"))
    wait_until_started(execution)
    events = execution.to_history_output()["events"]
    if self._get_bool_param("reverseOrder"):
        events = events[::-1]
    page, token = _page(self, events)
    return ActionResult({"events": page, "nextToken": token})


def _list_executions(self: StepFunctionResponse) -> ActionResult:
    map_run_arn = self._get_param("mapRunArn")
    if map_run_arn:
        children = registry.map_run(map_run_arn).children
        executions = [child.execution for child in children if child.execution]
    else:
        executions = list(_resolve(self.stepfunction_backend, self._get_param("stateMachineArn"))[0].executions)
    status = self._get_param("statusFilter")
    chosen = [e for e in executions if not status or e.status == status]
    chosen.sort(key=lambda execution: execution.start_date, reverse=True)
    page, token = _page(self, chosen)
    fields = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "mapRunArn", "redriveCount")
    described = [e.describe() for e in page]
    entries = [{name: d[name] for name in fields if name in d} for d in described]
    return ActionResult({"executions": entries, "nextToken": token})


def _list_map_runs(self: StepFunctionResponse) -> ActionResult:
    runs = registry.map_runs_of(self._get_param("executionArn"))
    return ActionResult({"mapRuns": [run.list_item() for run in runs]})


def _update_map_run(self: StepFunctionResponse) -> ActionResult:
    run = registry.map_run(self._get_param("mapRunArn"))
    for field, name in (
        ("max_concurrency", "maxConcurrency"),
        ("tolerated_count", "toleratedFailureCount"),
        ("tolerated_percentage", "toleratedFailurePercentage"),
    ):
        value = self._get_param(name)
        if value is not None:
            setattr(run, field, value)
    return ActionResult({})


def _list_state_machine_versions(self: StepFunctionResponse) -> ActionResult:
    machine, _ = _resolve(self.stepfunction_backend, self._get_param("stateMachineArn"))
    versions = [{"stateMachineVersionArn": v.arn, "creationDate": v.creation_date} for v in machine.versions.values()]
    return ActionResult({"stateMachineVersions": versions[::-1]})


def _validate(self: StepFunctionResponse) -> ActionResult:
    try:
        definitions.check(self._get_param("definition"))
        problems = []
    except InvalidDefinition as error:
        problems = [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": str(error.message)[:2000]}]
    return ActionResult({"result": "FAIL" if problems else "OK", "diagnostics": problems, "truncated": False})
