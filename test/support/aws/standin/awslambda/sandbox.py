"""One execution environment: a Node process that serves one invocation at a time.

Between invocations the process is stopped, as Lambda freezes it: work that a handler did not await does
not go on here either. Events go in by stdin; results come back on descriptor 3, one JSON line each; what
the function writes goes to CloudWatch Logs.
"""

import json
import os
import queue
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction

from .. import calls, children, settings
from ..principals import credentials_of
from . import code
from .log_stream import LogStream

_BOOTSTRAP = Path(__file__).parent / "node" / "bootstrap.mjs"
_INIT_SECONDS = 30
"""Lambda gives 10 s; the machine that tests run on may be slow."""


@dataclass
class Outcome:
    payload: str
    failed: bool
    log: str


class Sandbox:
    def __init__(self, function: LambdaFunction) -> None:
        self._function = function
        self._via = f"lambda:{function.function_name}"
        self._log = LogStream(function, self._via)
        self._results: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._flushed: queue.Queue[str] = queue.Queue()
        self._lines: list[str] = []
        read_end, write_end = os.pipe()
        self._process = self._start(write_end)
        os.close(write_end)
        threading.Thread(target=self._read_results, args=(read_end,), daemon=True).start()
        threading.Thread(target=self._read_output, daemon=True).start()
        self._note_permissions()
        self._init_error = self._await(_INIT_SECONDS)
        self._freeze()

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        children.end(self._process)

    def invoke(self, event: Any, request_id: str, arn: str, trace: str | None) -> Outcome:
        function = self._function
        self._lines = []
        self._log.start(request_id)
        started = time.monotonic()
        timeout = float(function.timeout or 3)
        answer = self._init_error if self._init_error and "error" in self._init_error else None
        if answer is None:
            self._thaw()
            self._send(
                {
                    "requestId": request_id,
                    "event": event,
                    "deadline": int((time.time() + timeout) * 1000),
                    "arn": arn,
                    "trace": trace or _new_trace(function),
                }
            )
            answer = self._await(timeout)
        took = time.monotonic() - started
        if answer is None:
            answer = {"error": self._why_silent(request_id, took, timeout)}
        else:
            self._await_output()
        memory = self._peak_memory()
        if "error" in answer and answer.get("fatal"):
            self.end()
        elif self.alive():
            self._freeze()
        tail = self._log.end(request_id, took, memory)
        written = "".join(line + "\n" for line in self._lines)
        text = answer["error"] if "error" in answer else answer["result"]
        return Outcome(
            payload=text if isinstance(text, str) else json.dumps(text),
            failed="error" in answer,
            log=f"START RequestId: {request_id} Version: {function.version}\n{written}{tail}",
        )

    def _start(self, results: int) -> subprocess.Popen[bytes]:
        function = self._function
        self._task_root = code.task_root(function)
        self._opt = code.opt(function)
        megabytes = int(function.memory_size)
        return children.start(
            [
                code.node(),
                # Lambda leaves the rest to buffers and to the process itself.
                f"--max-old-space-size={max(64, megabytes * 9 // 10)}",
                str(_BOOTSTRAP),
            ],
            cwd=self._task_root,
            env=self._environment(results),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[results],
        )

    def _environment(self, results: int) -> dict[str, str]:
        function, opt = self._function, self._opt
        credentials = credentials_of(function.role, self._via)
        major = "".join(filter(str.isdigit, (function.run_time or "nodejs").partition(".")[0]))
        modules = [opt / f"nodejs/node{major}/node_modules", opt / "nodejs/node_modules", code.runtime_modules()]
        temporary = tempfile.mkdtemp(dir=settings.workspace, prefix="tmp-")
        return {
            "PATH": f"{opt}/bin:{code.programs()}",
            "LD_LIBRARY_PATH": f"{opt}/lib",
            "NODE_PATH": ":".join(map(str, modules)),
            "HOME": temporary,
            "TMPDIR": temporary,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "LAMBDA_RUNTIME_DIR": str(code.runtime_modules().parent),
            "_HANDLER": function.handler or "",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self._log.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self._log.stream,
            "AWS_LAMBDA_LOG_FORMAT": self._log.format,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            **(function.environment_vars or {}),
            **settings.extra_environment,
            "AWS_ENDPOINT_URL": settings.endpoint,
            # Not of Lambda: for the bootstrap, which removes them.
            "STANDIN_OPT": str(opt),
            "STANDIN_RESULTS": str(results),
        }

    def _note_permissions(self) -> None:
        if (self._function.tracing_config or {}).get("Mode") == "Active":
            for action in ("PutTraceSegments", "PutTelemetryRecords"):
                calls.note(self._function.role, self._via, f"xray:{action}", "*")

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended while idle; the missing answer tells

    def _await(self, seconds: float) -> dict[str, Any] | None:
        try:
            return self._results.get(timeout=seconds)
        except queue.Empty:
            return None

    def _read_results(self, read_end: int) -> None:
        with os.fdopen(read_end, "rb") as results:
            for line in results:
                self._results.put(json.loads(line))
        self._results.put(None)

    def _read_output(self) -> None:
        for raw in self._process.stdout:
            text = raw.decode("utf-8", "replace").rstrip("\n")
            text, marked, _ = text.partition("\0flushed\0")
            if text or not marked:
                # The bootstrap writes the line breaks within one log entry as carriage returns.
                text = text.replace("\r", "\n")
                self._lines.append(text)
                self._log.write(text)
            if marked:
                self._flushed.put(marked)
        self._flushed.put("over")

    def _await_output(self) -> None:
        try:
            self._flushed.get(timeout=5)
        except queue.Empty:
            pass

    def _why_silent(self, request_id: str, took: float, timeout: float) -> dict[str, Any]:
        if self.alive() and took >= timeout:
            self.end()
            message = f"Task timed out after {timeout:.2f} seconds"
            self._log.write(f"{_now()} {request_id} {message}\n")
            return {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request_id} Error: {message}"}
        self.end()
        status = self._process.returncode
        reason = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        self._await_output()
        return {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: {reason}",
        }

    def _peak_memory(self) -> int | None:
        """Megabytes that the process held at most since it began, as Linux counts them."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return None
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), None)
        return int(peak.split()[1]) // 1024 if peak else None

    def _freeze(self) -> None:
        if self.alive():
            os.kill(self._process.pid, signal.SIGSTOP)

    def _thaw(self) -> None:
        if self.alive():
            os.kill(self._process.pid, signal.SIGCONT)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{int(time.time() * 1000) % 1000:03d}Z"


def _new_trace(function: LambdaFunction) -> str:
    sampled = int((function.tracing_config or {}).get("Mode") == "Active")
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled={sampled}"
