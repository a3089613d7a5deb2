"""The log stream of one sandbox, in the log group that the function's configuration names."""

import json
import time
import uuid

from moto.awslambda.models import LambdaFunction
from moto.logs.models import logs_backends

from .. import calls


class LogStream:
    def __init__(self, function: LambdaFunction, via: str) -> None:
        self._function = function
        self._via = via
        logging = getattr(function, "logging_config", None) or {}
        self.format = logging.get("LogFormat", "Text")
        self.group = logging.get("LogGroup") or f"/aws/lambda/{function.function_name}"
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self.stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"
        self._created = False

    def start(self, request_id: str) -> None:
        version = str(self._function.version)
        if self.format == "JSON":
            self._platform("platform.start", {"requestId": request_id, "version": version})
        else:
            self.write(f"START RequestId: {request_id} Version: {version}\n")

    def write(self, message: str) -> None:
        backend = logs_backends[self._function.account_id][self._function.region]
        arn = f"arn:aws:logs:{self._function.region}:{self._function.account_id}:log-group:{self.group}"
        if self.group not in backend.groups:
            backend.create_log_group(self.group, {})
            calls.note(self._function.role, self._via, "logs:CreateLogGroup", f"{arn}:*")
            self._created = False
        if not self._created:
            backend.create_log_stream(self.group, self.stream)
            for action in ("CreateLogStream", "PutLogEvents"):
                calls.note(self._function.role, self._via, f"logs:{action}", f"{arn}:log-stream:{self.stream}")
            self._created = True
        event = {"timestamp": int(time.time() * 1000), "message": message or " "}
        backend.put_log_events(self.group, self.stream, [event])

    def end(self, request_id: str, seconds: float, memory: int | None) -> str:
        """Writes what Lambda writes after an invocation, and returns it for the log tail of the answer."""
        milliseconds = round(seconds * 1000, 2)
        size = self._function.memory_size
        if self.format == "JSON":
            metrics = {"durationMs": milliseconds, "memorySizeMB": int(size), "maxMemoryUsedMB": memory}
            return self._platform("platform.report", {"requestId": request_id, "metrics": metrics})
        lines = [
            f"END RequestId: {request_id}\n",
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds} ms\tMemory Size: {size} MB\t"
            f"Max Memory Used: {memory} MB\t\n",
        ]
        for line in lines:
            self.write(line)
        return "".join(lines)

    def _platform(self, kind: str, record: dict[str, object]) -> str:
        line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "type": kind, "record": record})
        self.write(line)
        return line + "\n"
