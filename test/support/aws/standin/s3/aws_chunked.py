"""The body encoding `aws-chunked`, with its trailing headers.

moto skips the trailers and takes a body that stops early for a whole one.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from .errors import S3Error

_CUT_SHORT = S3Error("IncompleteBody", "The request body terminated unexpectedly")


def decode(encoded: bytes) -> tuple[bytes, dict[str, str]]:
    """The data and the trailers (names in lower case)."""
    data = []
    position = 0
    while True:
        header_end = encoded.find(b"\r\n", position)
        if header_end < 0:
            raise _CUT_SHORT
        try:
            size = int(encoded[position:header_end].partition(b";")[0], 16)
        except ValueError:
            raise S3Error("InvalidRequest", "A chunk has no valid size") from None
        position = header_end + 2
        if size == 0:
            return b"".join(data), _trailers(encoded[position:])
        end = position + size
        if encoded[end : end + 2] != b"\r\n":
            raise _CUT_SHORT
        data.append(encoded[position:end])
        position = end + 2


def _trailers(tail: bytes) -> dict[str, str]:
    trailers = {}
    for line in tail.split(b"\r\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            trailers[name.strip().lower()] = value.strip()
    return trailers
