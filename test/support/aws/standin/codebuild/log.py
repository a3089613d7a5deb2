"""A build's log in CloudWatch, written while it runs."""

import time

from moto.logs.models import logs_backends

from .. import calls, settings
from .build import Build


class BuildLog:
    def __init__(self, build: Build) -> None:
        self._build = build
        self._place = build.log_place()
        if not self._place:
            return
        group, stream = self._place
        arn = f"arn:aws:logs:{build.region}:{settings.ACCOUNT}:log-group:{group}"
        backend = self._backend()
        if group not in backend.groups:
            backend.create_log_group(group, {})
            calls.note(build.role, build.via, "logs:CreateLogGroup", f"{arn}:*")
        backend.create_log_stream(group, stream)
        for action in ("CreateLogStream", "PutLogEvents"):
            calls.note(build.role, build.via, f"logs:{action}", f"{arn}:log-stream:{stream}")

    def write(self, line: str) -> None:
        if self._place:
            event = {"timestamp": int(time.time() * 1000), "message": (line or " ") + "\n"}
            self._backend().put_log_events(*self._place, [event])

    def _backend(self):
        return logs_backends[settings.ACCOUNT][self._build.region]
