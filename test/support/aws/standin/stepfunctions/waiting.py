"""Pauses between retries and in Wait states, shortened by LOCAL_AWS_TIME_SCALE. Timeouts stay as they are."""

import time
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from .. import settings


class _Clock:
    """Stands in for the module `time` where the engine waits before a retry."""

    sleep = staticmethod(settings.pause)


def install() -> None:
    retrier_decl.time = _Clock
    WaitFunction._wait_interval = _wait


def _wait(self: WaitFunction, env: Any, wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds * settings.time_scale
    while env.is_running() and (left := end - time.monotonic()) > 0:
        env.program_state_event.wait(left)
