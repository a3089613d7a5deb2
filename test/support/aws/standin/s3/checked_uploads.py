"""Refuses an upload whose bytes are not those that the client announced.

moto stores whatever arrives. S3 answers 400 when any checksum sent (header or trailer, object or part)
or the length does not fit, and stores nothing: without that, no test can show that a bundle damaged on
its way is noticed.

The layer hands moto the decoded body with the checksum as a plain header, so that moto records it.
"""

import binascii
import hashlib
import io
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from . import aws_chunked
from .checksums import ALGORITHMS, checksum
from .errors import S3Error


class CheckedUploads:
    def __init__(self, application: Any) -> None:
        self._application = application
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not _is_s3(environ) or environ["REQUEST_METHOD"] not in ("PUT", "POST", "DELETE"):
            return self._application(environ, start_response)
        try:
            _check(environ)
        except S3Error as error:
            body = error.body()
            headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
            start_response(f"{error.status} {error.code}", headers)
            return [body]
        # moto looks for If-None-Match and stores in two steps. Writers of one key go one after the other,
        # so that of any number of concurrent conditional writes exactly one wins.
        with self._locks[environ["PATH_INFO"]]:
            return self._application(environ, start_response)


def _is_s3(environ: dict[str, Any]) -> bool:
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    return "/s3/aws4_request" in authorization or "%2Fs3%2Faws4_request" in environ.get("QUERY_STRING", "")


def _check(environ: dict[str, Any]) -> None:
    raw = _read(environ)
    content_sha256 = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    trailers: dict[str, str] = {}
    data = raw
    if content_sha256.startswith("STREAMING-"):
        data, trailers = aws_chunked.decode(raw)
        _check_length(environ, data)
        announced = environ.pop("HTTP_X_AMZ_TRAILER", "").strip().lower()
        if announced and announced not in trailers:
            raise S3Error("MalformedTrailerError", "The request contained trailing data that was not well-formed")
    elif len(content_sha256) == 64 and content_sha256 != hashlib.sha256(data).hexdigest():
        raise S3Error(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    _check_md5(environ, data)
    if not _completes_multipart(environ):  # there the header speaks of the object, not of the request
        _check_checksums(environ, trailers, data)
    _hand_over_plain(environ, data)


def _read(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    try:
        if length:
            body = environ["wsgi.input"].read(int(length))
            if len(body) < int(length):
                raise S3Error("IncompleteBody", "The request body terminated unexpectedly")
            return body
        # Werkzeug has undone the transfer encoding where there was one.
        return environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
    except OSError as error:
        raise S3Error("IncompleteBody", f"The request body terminated unexpectedly: {error}") from error


def _check_length(environ: dict[str, Any], data: bytes) -> None:
    announced = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
    if announced is not None and int(announced) != len(data):
        raise S3Error(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header",
        )


def _check_md5(environ: dict[str, Any], data: bytes) -> None:
    announced = environ.get("HTTP_CONTENT_MD5")
    if not announced:
        return
    if len(_base64(announced, S3Error("InvalidDigest", "The Content-MD5 you specified was invalid."))) != 16:
        raise S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode() != announced:
        raise S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.")


def _check_checksums(environ: dict[str, Any], trailers: dict[str, str], data: bytes) -> None:
    for algorithm in ALGORITHMS:
        name = f"x-amz-checksum-{algorithm}"
        header = "HTTP_" + name.upper().replace("-", "_")
        announced = environ.get(header) or trailers.get(name)
        if not announced:
            continue
        actual = checksum(algorithm, data)
        invalid = S3Error("InvalidRequest", f"Value for {name} header is invalid.")
        if len(_base64(announced, invalid)) != len(actual):
            raise invalid
        if b64encode(actual).decode() != announced:
            raise S3Error("BadDigest", f"The {algorithm.upper()} you specified did not match the calculated checksum.")
        environ[header] = announced
        environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = algorithm.upper()


def _base64(text: str, otherwise: S3Error) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error:
        raise otherwise from None


def _completes_multipart(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] == "POST" and "uploadId" in parse_qs(environ.get("QUERY_STRING", ""))


def _hand_over_plain(environ: dict[str, Any], data: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(data)
    environ["CONTENT_LENGTH"] = str(len(data))
    environ["wsgi.input_terminated"] = True
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING-"):
        environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
    codings = [c.strip() for c in environ.get("HTTP_CONTENT_ENCODING", "").split(",")]
    codings = [c for c in codings if c and c != "aws-chunked"]
    environ.pop("HTTP_CONTENT_ENCODING", None)
    if codings:
        environ["HTTP_CONTENT_ENCODING"] = ",".join(codings)
