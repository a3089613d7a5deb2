"""What the whole stand-in needs to know; `endpoint` is set once, when the port is known.

The environment variables that tests may set:

LOCAL_AWS_NODE         the Node binary that runs Lambda functions; default `node`
LOCAL_AWS_TIME_SCALE   factor for every pause that AWS would make (retries, Wait states); default 0.01
LOCAL_AWS_CONCURRENCY  functions that run at the same time; default 4
LOCAL_AWS_EXTRA_<NAME> is handed to functions, builds and remote commands as <NAME>: for what a test redirects
LOCAL_AWS_INSTANCE_TOOLS  programs that take the place of an instance's own; without it instances run nothing
LOCAL_AWS_CODECOMMIT_FOLDER  bare repositories that tell the branches of CodeCommit's repositories of the same name
LOCAL_AWS_CODEARTIFACT_URL  the stand-in for CodeArtifact, which answers all calls of it
"""

import atexit
import os
import shutil
import tempfile
import time

ACCOUNT = "123456789012"
REGION = "us-east-1"

endpoint = ""

node = os.environ.get("LOCAL_AWS_NODE", "node")
time_scale = float(os.environ.get("LOCAL_AWS_TIME_SCALE", "0.01"))
codeartifact_url = os.environ.get("LOCAL_AWS_CODEARTIFACT_URL", "")
concurrency = int(os.environ.get("LOCAL_AWS_CONCURRENCY", "4"))
instance_tools = os.environ.get("LOCAL_AWS_INSTANCE_TOOLS", "")

extra_environment = {
    name.removeprefix("LOCAL_AWS_EXTRA_"): value
    for name, value in os.environ.items()
    if name.startswith("LOCAL_AWS_EXTRA_")
}

workspace = tempfile.mkdtemp(prefix="local-aws-")
"""Unpacked functions, builds: removed at the end."""


def remove_workspace() -> None:
    for _ in range(10):  # a request that is still being served may be writing there
        shutil.rmtree(workspace, ignore_errors=True)
        if not os.path.exists(workspace):
            return
        time.sleep(0.05)


atexit.register(remove_workspace)


def pause(seconds: float) -> None:
    """A pause that AWS would make, shortened."""
    time.sleep(max(0.0, seconds * time_scale))
