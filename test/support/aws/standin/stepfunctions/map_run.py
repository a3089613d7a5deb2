"""The state of one Distributed Map run: its children, their counts, whether it has failed too often."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus

from .execution import LocalExecution

_COUNTED = {
    ExecutionStatus.SUCCEEDED: "succeeded",
    ExecutionStatus.FAILED: "failed",
    ExecutionStatus.TIMED_OUT: "timedOut",
    ExecutionStatus.ABORTED: "aborted",
    ExecutionStatus.RUNNING: "running",
}


@dataclass
class Child:
    input: Any
    items: int = 1
    """How many items it handles: several in a batch."""
    execution: LocalExecution | None = None

    @property
    def succeeded(self) -> bool:
        return self.execution is not None and self.execution.exec_status == ExecutionStatus.SUCCEEDED

    @property
    def status(self) -> str:
        return _COUNTED[self.execution.exec_status] if self.execution else "pending"


@dataclass
class MapRun:
    machine_arn: str
    execution_arn: str
    label: str
    max_concurrency: int
    tolerated_count: int | None
    tolerated_percentage: float | None
    children: list[Child] = field(default_factory=list)
    status: str = "RUNNING"
    redrive_count: int = 0
    redrive_date: datetime | None = None
    stop_date: datetime | None = None
    results_written: bool = False

    def __post_init__(self) -> None:
        self.start_date = datetime.now(timezone.utc)
        self.uuid = str(uuid.uuid4())
        self.arn = f"{self.machine_arn.replace(':stateMachine:', ':mapRun:')}/{self.label}:{self.uuid}"
        self.lock = threading.Lock()

    # What the engine's own records are called: its pool of map runs is the index that the API reads.
    @property
    def map_run_arn(self) -> str:
        return self.arn

    def too_many_failed(self) -> bool:
        """Tolerates nothing unless told to; each threshold counts only where it is set."""
        counts = self.counts(by_item=True)
        failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return failed > 0
        if self.tolerated_count is not None and failed > self.tolerated_count:
            return True
        share = 100 * failed / max(1, counts["total"])
        return self.tolerated_percentage is not None and share > self.tolerated_percentage

    def counts(self, by_item: bool) -> dict[str, int]:
        counts = dict.fromkeys(["pending", "running", "succeeded", "failed", "timedOut", "aborted", "total"], 0)
        for child in list(self.children):
            weight = child.items if by_item else 1
            counts[child.status] += weight
            counts["total"] += weight
        counts["resultsWritten"] = counts["succeeded"] + counts["failed"] if self.results_written else 0
        return counts

    def stop(self, status: str) -> None:
        self.status = status
        self.stop_date = datetime.now(timezone.utc)

    def describe(self) -> dict[str, Any]:
        described = {
            "mapRunArn": self.arn,
            "executionArn": self.execution_arn,
            "status": self.status,
            "startDate": self.start_date,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": self.tolerated_percentage or 0.0,
            "toleratedFailureCount": self.tolerated_count or 0,
            "itemCounts": self.counts(by_item=True),
            "executionCounts": self.counts(by_item=False),
            "redriveCount": self.redrive_count,
        }
        if self.stop_date:
            described["stopDate"] = self.stop_date
        if self.redrive_date:
            described["redriveDate"] = self.redrive_date
        return described

    def list_item(self) -> dict[str, Any]:
        item = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": f"{self.machine_arn}/{self.label}",
            "startDate": self.start_date,
        }
        return {**item, "stopDate": self.stop_date} if self.stop_date else item
