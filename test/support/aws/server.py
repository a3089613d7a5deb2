"""Starts the local AWS stand-in: `python3 test/support/aws/server.py --port 0`.

Prints one line, its URL, once it answers. Ends when its stdin closes (so it cannot outlive the test
that started it) or on SIGTERM and SIGINT, and takes every child that it started with it.
"""

import argparse
import os
import signal
import sys
import threading

# moto reads these while it is imported.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")


def main() -> None:
    parser = argparse.ArgumentParser(description="Local stand-in for AWS, for tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    arguments = parser.parse_args()

    from standin import app, children, settings

    server = app.listen(arguments.host, arguments.port)
    settings.endpoint = f"http://{arguments.host}:{server.server_port}"

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    threading.Thread(target=_wait_for_end_of_stdin, args=(over,), daemon=True).start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(settings.endpoint, flush=True)

    over.wait()
    children.end_all()
    settings.remove_workspace()
    # Request threads may hang in long polls; nothing here is worth waiting for.
    os._exit(0)


def _wait_for_end_of_stdin(over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()


if __name__ == "__main__":
    main()
