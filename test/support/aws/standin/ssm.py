"""SSM SendCommand: AWS-RunShellScript, or the shell scripts of a document that was created, runs in a shell on this
machine, with the instance's name in INSTANCE_ID. moto answers "Success" without running anything."""

import json
import subprocess
import threading
from typing import Any

from moto.ssm.models import Command, ssm_backends

from . import children, instances, settings

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
    script, timeout = _script(command, parameters)
    folder = (parameters.get("workingDirectory") or [""])[0] or instances.folder_of(invocation["InstanceId"])
    child = children.start(
        ["bash", "-c", script],
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


def _script(command: Command, parameters: dict[str, Any]) -> tuple[str, int]:
    """What runs, and for how many seconds it may. A custom document says both itself; none here has parameters."""
    if command.document_name == "AWS-RunShellScript":
        return "\n".join(parameters.get("commands") or []), int((parameters.get("executionTimeout") or ["3600"])[0])
    backend = ssm_backends[settings.ACCOUNT][command.backend_region]
    document = json.loads(backend.get_document(command.document_name, "", "", "JSON")["Content"])
    if parameters:
        raise NotImplementedError("parameters of a document")
    steps = [step["inputs"] for step in document["mainSteps"]]
    return "\n".join(line for step in steps for line in step["runCommand"]), sum(int(step["timeoutSeconds"]) for step in steps)
