"""Executions (children too) and map runs by their ARNs."""

from moto.stepfunctions.exceptions import ExecutionDoesNotExist, ResourceNotFound

from .execution import LocalExecution
from .map_run import MapRun

_executions: dict[str, LocalExecution] = {}
_map_runs: dict[str, MapRun] = {}


def add_execution(execution: LocalExecution) -> None:
    _executions[execution.exec_arn] = execution


def execution(arn: str) -> LocalExecution:
    found = _executions.get(arn)
    if found is None:
        raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{arn}'")
    return found


def begun(status: str | None = None) -> list[LocalExecution]:
    """All that have got as far as to wait for something, in that status if one is named."""
    executions = [e for e in list(_executions.values()) if e.exec_worker and e.exec_worker.env]
    return [execution for execution in executions if status in (None, execution.status)]


def add_map_run(run: MapRun) -> None:
    _map_runs[run.arn] = run


def map_run(arn: str) -> MapRun:
    found = _map_runs.get(arn)
    if found is None:
        raise ResourceNotFound(arn)
    return found


def map_runs_of(execution_arn: str) -> list[MapRun]:
    return [run for run in _map_runs.values() if run.execution_arn == execution_arn]
