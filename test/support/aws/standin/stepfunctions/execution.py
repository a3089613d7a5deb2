"""One execution, of a state machine or of a Distributed Map's child; it can be redriven.

The engine's own execution stays RUNNING for ever when its thread fails, logs nothing, tells nobody of its
end and cannot start anywhere but at the beginning.
"""

import json
import threading
import time
import traceback
from datetime import datetime, timezone
from typing import Any

from moto.stepfunctions.parser.api import (
    ExecutionRedrivenEventDetails,
    ExecutionStatus,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.asl.eval.states import ExecutionData
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from ..events.bus import emit
from . import definitions
from .execution_log import ExecutionLog

_STATUS = {
    ProgramEnded: ExecutionStatus.SUCCEEDED,
    ProgramError: ExecutionStatus.FAILED,
    ProgramStopped: ExecutionStatus.ABORTED,
    ProgramTimedOut: ExecutionStatus.TIMED_OUT,
}
_REDRIVABLE = {ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT}


def timestamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class LocalExecution(Execution):
    def __init__(self, *, map_run_arn: str | None = None, **arguments: Any) -> None:
        machine = arguments["state_machine"]
        log = ExecutionLog.of(machine, arguments["exec_arn"]) if map_run_arn is None else None
        super().__init__(cloud_watch_logging_session=log, activity_store={}, trace_header=None, **arguments)
        self.map_run_arn = map_run_arn
        self.map_runs: dict[str, Any] = {}
        """By the name of the Map state: a redrive goes on with them."""
        self.finished = threading.Event()
        self._final_history: list[Any] | None = None
        self.redrive_count = 0
        self.redrive_date: datetime | None = None

    def start(self) -> None:
        super().start()
        self._tell()

    def stop(self, stop_date: datetime, error: str | None, cause: str | None) -> None:
        """At once, as in AWS; what a task has begun may still go on for a while."""
        if self.finished.is_set():
            return
        env = self.exec_worker.env
        if env is not None:
            env.set_stop(stop_date=stop_date, error=error, cause=cause)
        event = {
            "id": len(self._history()) + 1,
            "previousEventId": 0,
            "timestamp": timestamp(stop_date),
            "type": HistoryEventType.ExecutionAborted,
            "executionAbortedEventDetails": {k: v for k, v in (("error", error), ("cause", cause)) if v},
        }
        self._final_history = [*self._history(), event]
        self.stop_date = stop_date
        self.error, self.cause = error, cause
        self.exec_status = ExecutionStatus.ABORTED
        self.end()
        for endpoint in list(env.callback_pool_manager._pool.values()) if env else []:
            endpoint.interrupt_all()

    def _history(self) -> list[Any]:
        return super().to_history_output()["events"]

    def to_history_output(self) -> Any:
        return {"events": self._final_history or self._history()}

    def redrivable(self) -> bool:
        return self.exec_status in _REDRIVABLE

    def redrive(self) -> None:
        """Goes on from the state that failed, with the input that it had."""
        self.redrive_count += 1
        self.redrive_date = datetime.now(timezone.utc)
        self.finished.clear()
        self._final_history = None
        self.stop_date = self.error = self.cause = self.output = None
        self.exec_status = ExecutionStatus.RUNNING
        self.exec_worker.redrive()
        self._tell()

    def end(self) -> None:
        self._tell()
        self.finished.set()

    def fail(self, error: str, cause: str) -> None:
        if self.finished.is_set():
            return
        self.stop_date = datetime.now(timezone.utc)
        self.error, self.cause = error, cause
        self.exec_status = ExecutionStatus.FAILED
        self.end()

    def _get_start_execution_worker_comm(self) -> BaseExecutionWorkerCommunication:
        return _Communication(self)

    def _get_start_execution_worker(self) -> ExecutionWorker:
        worker = super()._get_start_execution_worker()
        worker.__class__ = _Worker
        worker.execution = self
        return worker

    def describe(self) -> dict[str, Any]:
        described = dict(self.to_describe_output())
        described |= {"redriveCount": self.redrive_count, **self._redrive_status()}
        if self.redrive_date:
            described["redriveDate"] = self.redrive_date
        if self.map_run_arn:
            described["mapRunArn"] = self.map_run_arn
        return {name: value for name, value in described.items() if value is not None}

    def _redrive_status(self) -> dict[str, str]:
        if self.redrivable():
            return {"redriveStatus": "REDRIVABLE" if not self.map_run_arn else "REDRIVABLE_BY_MAP_RUN"}
        reason = f"Execution is {self.exec_status.value} and cannot be redriven"
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}

    def _tell(self) -> None:
        """https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html"""
        if self.map_run_arn:
            return
        described = self.describe()
        detail = {name: described.get(name) for name in ("executionArn", "stateMachineArn", "name", "input", "output")}
        detail |= {
            "status": self.exec_status.value,
            "startDate": int(self.start_date.timestamp() * 1000),
            "stopDate": int(self.stop_date.timestamp() * 1000) if self.stop_date else None,
            "inputDetails": {"included": True},
            "outputDetails": {"included": True} if described.get("output") else None,
            "error": self.error,
            "cause": self.cause,
            "redriveCount": self.redrive_count,
            "redriveStatus": described["redriveStatus"],
        }
        emit("aws.states", "Step Functions Execution Status Change", detail, [self.exec_arn], self.region_name)


class _Communication(BaseExecutionWorkerCommunication):
    def terminated(self) -> None:
        """Sets the status last, unlike the engine: a reader that sees it finds the output in place."""
        execution = self.execution
        if execution.finished.is_set():
            return
        env = execution.exec_worker.env
        outcome = env.program_state()
        execution.stop_date = datetime.now(timezone.utc)
        if isinstance(outcome, ProgramEnded):
            execution.output = env.states.get_input()
        elif isinstance(outcome, ProgramError):
            details = outcome.error or {}
            execution.error, execution.cause = details.get("error"), details.get("cause")
        execution.exec_status = _STATUS[type(outcome)]
        execution.end()


class _Worker(ExecutionWorker):
    execution: LocalExecution

    def _get_evaluation_entrypoint(self) -> Program:
        return definitions.program_of(self._evaluation_details.state_machine_details.definition)

    def _get_evaluation_environment(self) -> Environment:
        env = super()._get_evaluation_environment()
        context: ExecutionData = env.states.context_object.context_object_data["Execution"]
        context["StartTime"] = timestamp(context["StartTime"])  # else DescribeExecution answers 500
        context["RedriveCount"] = self.execution.redrive_count
        if self.execution.redrive_date:
            context["RedriveTime"] = timestamp(self.execution.redrive_date)
        return env

    def _execution_logic(self) -> None:
        if self.execution.finished.is_set():
            return  # stopped before it began
        try:
            super()._execution_logic()
        except Exception as error:
            traceback.print_exc()
            self.execution.fail("States.Runtime", f"{type(error).__name__}: {error}")

    def redrive(self) -> None:
        threading.Thread(target=self._redrive, daemon=True).start()

    def _redrive(self) -> None:
        try:
            program = self._get_evaluation_entrypoint()
            before, self.env = self.env, self._get_evaluation_environment()
            self.env.event_manager = before.event_manager
            self.env.event_history_context = before.event_history_context
            self.env.variable_store = before.variable_store
            self.env.event_manager.add_event(
                context=self.env.event_history_context,
                event_type=HistoryEventType.ExecutionRedriven,
                event_details=EventDetails(
                    executionRedrivenEventDetails=ExecutionRedrivenEventDetails(
                        redriveCount=self.execution.redrive_count
                    )
                ),
            )
            failed, given = _last_entered(program, before)
            self.env.states.reset(input_value=given)
            Program(
                query_language=program.query_language,
                start_at=StartAt(failed),
                states=program.states,
                timeout_seconds=program.timeout_seconds,
            ).eval(self.env)
            self._execution_communication.terminated()
        except Exception as error:
            traceback.print_exc()
            self.execution.fail("States.Runtime", f"{type(error).__name__}: {error}")


def _last_entered(program: Program, env: Environment) -> tuple[str, Any]:
    for event in reversed(env.event_manager.get_event_history()):
        entered = event.get("stateEnteredEventDetails")
        if entered and entered["name"] in program.states.states:
            return entered["name"], json.loads(entered["input"])
    raise RuntimeError("nothing was entered before")


def wait_until_started(execution: LocalExecution) -> None:
    """Its environment comes into being in a thread of its own."""
    for _ in range(200):
        if execution.exec_worker.env is not None or execution.finished.is_set():
            return
        time.sleep(0.01)
