"""An execution's log in CloudWatch, as the state machine's logging configuration asks. moto writes none."""

import json
import time
from typing import Any

from moto.logs.models import logs_backends
from moto.stepfunctions.parser.asl.eval.event.logging import CloudWatchLoggingConfiguration, is_logging_enabled_for


class ExecutionLog:
    def __init__(self, configuration: CloudWatchLoggingConfiguration, execution_arn: str) -> None:
        self.configuration = configuration
        self.execution_arn = execution_arn
        name = configuration.state_machine_arn.rpartition(":")[2]
        self._stream = f"states/{name}/{time.strftime('%Y-%m-%d-%H-%M', time.gmtime())}/{execution_arn[-8:]}"

    @classmethod
    def of(cls, machine: Any, execution_arn: str) -> "ExecutionLog | None":
        configuration = CloudWatchLoggingConfiguration.from_logging_configuration(
            machine.arn, {"includeExecutionData": False, **(machine.loggingConfiguration or {})}
        )
        return cls(configuration, execution_arn) if configuration else None

    def log_level_filter(self, history_event_type: Any) -> bool:
        return is_logging_enabled_for(self.configuration.log_level, history_event_type)

    def publish_history_log(self, history_log: dict[str, Any]) -> None:
        backend = logs_backends[self.configuration.log_account_id][self.configuration.log_region]
        group = self.configuration.log_group_name
        if group not in backend.groups:
            return  # AWS drops it too
        if self._stream not in backend.groups[group].streams:
            backend.create_log_stream(group, self._stream)
        now = int(time.time() * 1000)
        message = json.dumps({**history_log, "event_timestamp": str(now)}, default=str)
        backend.put_log_events(group, self._stream, [{"timestamp": now, "message": message}])
