"""The stand-in's own routes, under /_local: what a test may ask of it that one cannot ask of AWS."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from . import calls

Route = Callable[[str], Any]
_routes: dict[tuple[str, str], Route] = {}


def route(method: str, path: str, handler: Route) -> None:
    """`path` with a `*` hands that segment to the handler."""
    _routes[(method, path)] = handler


route("GET", "calls", lambda _: calls.recorded())
route("DELETE", "calls", lambda _: calls.clear())


class LocalApi:
    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/_local/"):
            return self._application(environ, start_response)
        status, answer = _answer(environ["REQUEST_METHOD"], path.removeprefix("/_local/"))
        body = json.dumps(answer, default=str).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _answer(method: str, path: str) -> tuple[str, Any]:
    segments = path.split("/")
    for (wanted, pattern), handler in _routes.items():
        expected = pattern.split("/")
        if wanted != method or len(expected) != len(segments):
            continue
        if all(e in ("*", s) for e, s in zip(expected, segments)):
            argument = next((s for e, s in zip(expected, segments) if e == "*"), "")
            try:
                return "200 OK", handler(argument)
            except KeyError as error:
                return "404 Not Found", {"message": str(error.args[0])}
    return "404 Not Found", {"message": f"no route {method} {path}"}
