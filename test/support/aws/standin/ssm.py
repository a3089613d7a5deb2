"""SSM SendCommand: AWS-RunShellScript runs in a shell on this machine, with the instance's name in
INSTANCE_ID. moto answers "Success" without running anything."""

import subprocess
import threading
from typing import Any

from moto.ssm.models import Command

from . import children, instances

_original_init = Command.__init__
_OUTPUT_LIMIT = 24000
"""What GetCommandInvocation gives back; the rest would be in S3."""


def install() -> None:
    Command.__init__ = _init


def _init(self: Command, *arguments: Any, **named: Any) -> None:
    _original_init(self, *arguments, **named)
    self.status = self.status_details = "InProgress"
    for invocation in self.invocations:
        invocation.update(Status="InProgress", StatusDetails="InProgress", ResponseCode=-1)
    threading.Thread(target=_run, args=(self,), daemon=True).start()


def _run(command: Command) -> None:
    for invocation in command.invocations:
        _run_on(command, invocation)
    succeeded = all(invocation["Status"] == "Success" for invocation in command.invocations)
    command.status = command.status_details = "Success" if succeeded else "Failed"


def _run_on(command: Command, invocation: dict[str, Any]) -> None:
    parameters = command.parameters or {}
    timeout = int((parameters.get("executionTimeout") or ["3600"])[0])
    folder = (parameters.get("workingDirectory") or [""])[0] or instances.folder_of(invocation["InstanceId"])
    child = children.start(
        ["bash", "-c", "\n".join(parameters.get("commands") or [])],
        cwd=folder,
        env=instances.environment_of(invocation["InstanceId"]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        output, errors = child.communicate(timeout=timeout)
        status = "Success" if child.returncode == 0 else "Failed"
    except subprocess.TimeoutExpired:
        children.end(child)
        output, errors = child.communicate()
        status = "TimedOut"
    invocation.update(
        Status=status,
        StatusDetails=status,
        ResponseCode=child.returncode if status != "TimedOut" else -1,
        StandardOutputContent=output.decode("utf-8", "replace")[:_OUTPUT_LIMIT],
        StandardErrorContent=errors.decode("utf-8", "replace")[:_OUTPUT_LIMIT],
    )

