"""Instances of Auto Scaling groups: their user data runs on this machine in a shell, in the role of their profile.

moto's instances run nothing, and neither do these where LOCAL_AWS_INSTANCE_TOOLS is not set: a folder with programs
that take the place of the machine's own (dnf, systemctl, mount). Each instance has a folder of its own in place of
its disk; user data and remote commands run there.
"""

import base64
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from moto.iam.models import iam_backends

from . import children, settings
from .principals import credentials_of

_running: dict[str, subprocess.Popen[Any]] = {}
_roles: dict[str, str] = {}

_BOOT = "bash user-data; exec sleep infinity"
"""The machine goes on when its user data has ended, with whatever that has started."""


def boot(instance: str, template: dict[str, Any], user_data: bytes) -> None:
    """`template`: the data of the launch template. User data comes as AWS takes it, in base 64."""
    _roles[instance] = _role_of(template)
    if not settings.instance_tools:
        return
    folder = folder_of(instance)
    (folder / "user-data").write_bytes(base64.b64decode(user_data))
    with open(folder / "console.log", "wb") as console:
        _running[instance] = children.start(
            ["bash", "-c", _BOOT], cwd=folder, env=environment_of(instance), stdin=subprocess.DEVNULL, stdout=console, stderr=console
        )


def end(instance: str) -> None:
    child = _running.pop(instance, None)
    if child:
        children.end(child)


def folder_of(instance: str) -> Path:
    folder = Path(settings.workspace, "instances", instance)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def environment_of(instance: str) -> dict[str, str]:
    """What a process on the instance finds, with keys of the instance's role."""
    credentials = credentials_of(_roles.get(instance, f"instance:{instance}"), f"instance:{instance}")
    return {
        "PATH": ":".join(filter(None, [settings.instance_tools, os.environ["PATH"]])),
        "HOME": tempfile.gettempdir(),
        "LANG": "C.UTF-8",
        **settings.extra_environment,
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AWS_REGION": settings.REGION,
        "AWS_DEFAULT_REGION": settings.REGION,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
        "INSTANCE_ID": instance,
    }


def _role_of(template: dict[str, Any]) -> str:
    wanted = template.get("IamInstanceProfile") or {}
    for profile in iam_backends[settings.ACCOUNT]["aws"].get_instance_profiles():
        if profile.roles and profile.arn == wanted.get("Arn") or profile.name == wanted.get("Name"):
            return profile.roles[0].arn
    return "none"
