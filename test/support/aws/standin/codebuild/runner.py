"""Runs a build: source, phases of the buildspec, artefacts, events.

As CodeBuild's own agent does, each command runs in a shell of its own that takes over the environment and
the folder that the one before left behind.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

import os
import shlex
import subprocess
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import yaml

from .. import children, settings
from ..events.bus import emit
from . import artifacts, sources
from .build import Build
from .log import BuildLog
from .variables import BuildVariables

Json = dict[str, Any]
_at_once = threading.BoundedSemaphore(4)
_running: dict[str, "_Run"] = {}


def start(build: Build) -> None:
    run = _Run(build)
    _running[build.id] = run
    threading.Thread(target=run.run, daemon=True).start()


def stop(build: Build) -> None:
    run = _running.get(build.id)
    if run:
        run.stop()


class _Stopped(Exception):
    pass


class _Run:
    def __init__(self, build: Build) -> None:
        self._build = build
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        self._stopped = True
        if self._process:
            children.end(self._process)

    def run(self) -> None:
        build = self._build
        with _at_once:
            self._deadline = time.monotonic() + 60 * build.timeout_minutes
            self._log = BuildLog(build)
            self._tell()
            try:
                status = self._build_it()
            except _Stopped:
                status = "STOPPED"
            except TimeoutError:
                status = "TIMED_OUT"
            except Exception as error:
                self._log.write(f"[Container] {type(error).__name__}: {error}")
                traceback.print_exc()
                build.leave("FAILED", str(error))
                status = "FAILED"
            build.finish(status)
        _running.pop(build.id, None)
        self._tell()

    def _build_it(self) -> str:
        build = self._build
        build.enter("DOWNLOAD_SOURCE")
        root = Path(tempfile.mkdtemp(dir=settings.workspace, prefix="build-"))
        self._folder = root / "src"
        sources.fetch(build, build.source, build.source_version, self._folder)
        folders = {"": str(self._folder)}
        for source in build.secondary_sources:
            name = source["sourceIdentifier"]
            sources.fetch(build, source, None, root / name)
            folders[name] = str(root / name)
        self._state = root / "environment"
        home = root / "home"
        home.mkdir()
        self._variables = BuildVariables(build, str(home), folders)
        spec = self._spec()
        env = spec.get("env") or {}
        self._variables.add_from_spec(env)
        self._variables.add_from_project()
        self._shell = env.get("shell", "sh")
        self._log.write(f"[Container] Entering phase DOWNLOAD_SOURCE of build {build.id}")
        build.leave("SUCCEEDED")
        succeeded = self._phases(spec.get("phases") or {})
        self._export(env.get("exported-variables") or [])
        if succeeded and spec.get("artifacts"):
            self._upload(spec["artifacts"])
        return "SUCCEEDED" if succeeded else "FAILED"

    def _spec(self) -> Json:
        text = self._build.source.get("buildspec") or "buildspec.yml"
        if "\n" not in text and not text.lstrip().startswith("{"):
            text = (self._folder / text).read_text()
        return yaml.safe_load(text)

    def _phases(self, phases: Json) -> bool:
        """A failure ends the build, except that post_build follows a build that failed."""
        succeeded = True
        for name in ("install", "pre_build", "build", "post_build"):
            phase = phases.get(name)
            if phase is None or not (succeeded or name == "post_build"):
                continue
            passed = self._phase(name.upper(), phase)
            if not passed and phase.get("on-failure", "ABORT") == "ABORT":
                succeeded = False
                self._variables.all["CODEBUILD_BUILD_SUCCEEDING"] = "0"
                if name in ("install", "pre_build"):
                    break
        return succeeded

    def _phase(self, name: str, phase: Json) -> bool:
        self._build.enter(name)
        self._log.write(f"[Container] Entering phase {name}")
        problem = ""
        for command in phase.get("commands") or []:
            status = self._command(command)
            if status:
                problem = f"Error while executing command: {command}. Reason: exit status {status}"
                break
        for command in phase.get("finally") or []:
            status = self._command(command)
            problem = problem or (f"Error while executing command: {command}" if status else "")
        state = "FAILED" if problem else "SUCCEEDED"
        self._log.write(f"[Container] Phase complete: {name} State: {state}")
        self._build.leave(state, self._variables.masked(problem))
        return not problem

    def _command(self, command: str) -> int:
        self._log.write(self._variables.masked(f"[Container] Running command {command}"))
        state = shlex.quote(str(self._state))
        succeeding = self._variables.all["CODEBUILD_BUILD_SUCCEEDING"]
        script = (
            f"[ -f {state} ] && . {state}\n"
            f"export CODEBUILD_BUILD_SUCCEEDING={succeeding}\n"
            f'trap \'export -p > {state}; echo cd "\\"$PWD\\"" >> {state}\' EXIT\n'
            f"{command}\n"
        )
        if self._stopped:
            raise _Stopped
        self._process = children.start(
            [self._shell, "-c", script],
            cwd=self._folder,
            env=self._variables.all,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), children.end, [self._process])
        timer.start()
        for line in self._process.stdout:
            self._log.write(self._variables.masked(line.decode("utf-8", "replace").rstrip("\n")))
        status = self._process.wait()
        timer.cancel()
        if self._stopped:
            raise _Stopped
        if time.monotonic() >= self._deadline:
            self._build.leave("TIMED_OUT")
            raise TimeoutError
        return status

    def _export(self, names: list[str]) -> None:
        if not names or not self._state.exists():
            return
        script = f". {shlex.quote(str(self._state))}; env -0"
        output = subprocess.run([self._shell, "-c", script], capture_output=True, env={"PATH": os.environ["PATH"]})
        values = dict(entry.partition("=")[::2] for entry in output.stdout.decode().split("\0") if entry)
        self._build.exported = [{"name": name, "value": values.get(name, "")} for name in names]

    def _upload(self, spec: Json) -> None:
        build = self._build
        build.enter("UPLOAD_ARTIFACTS")
        if build.artifacts_config["type"] == "S3":
            build.artifacts = {"location": artifacts.upload(build, spec, build.artifacts_config, self._folder)}
        for config in build.secondary_artifacts_config:
            part = (spec.get("secondary-artifacts") or {}).get(config["artifactIdentifier"])
            if part:
                artifacts.upload(build, part, config, self._folder)
        build.leave("SUCCEEDED")

    def _tell(self) -> None:
        build = self._build
        described = build.describe()
        detail = {
            "build-status": build.status,
            "project-name": build.project["name"],
            "build-id": build.arn,
            "current-phase": build.phase,
            "version": "1",
            "additional-information": {
                "build-complete": build.ended is not None,
                "initiator": "local",
                "environment": build.environment,
                "source": build.source,
                "logs": described["logs"],
                "phases": build.phases,
            },
        }
        emit("aws.codebuild", "CodeBuild Build State Change", detail, [build.arn], build.region)
