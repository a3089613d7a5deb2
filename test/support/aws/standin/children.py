"""Every process that the stand-in starts is started here, so that all of them end with it.

Each gets its own process group: a build or a remote command may start processes of its own. It stays in
the session, though, so that the kernel wakes and ends a frozen child whose stand-in was killed.
"""

import os
import signal
import subprocess
import threading
from typing import Any

_running: set[subprocess.Popen[Any]] = set()
_lock = threading.Lock()
_over = False


def start(command: list[str], **options: Any) -> subprocess.Popen[Any]:
    with _lock:
        if _over:
            raise RuntimeError("the stand-in is ending")
        child = subprocess.Popen(command, process_group=0, **options)
        _running.difference_update([c for c in _running if c.poll() is not None])
        _running.add(child)
    return child


def end(child: subprocess.Popen[Any]) -> None:
    """Kills the child with all that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()
    with _lock:
        _running.discard(child)


def end_all() -> None:
    global _over
    with _lock:
        _over = True
        remaining = list(_running)
    for child in remaining:
        end(child)
