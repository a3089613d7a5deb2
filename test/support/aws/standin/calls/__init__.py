"""The record of every AWS API call that reached the stand-in: who called what, on which resource.

The project compares it with the policies that it deploys, since the stand-in itself enforces none.
"""

from .permissions import key_arn
from .recorder import RecordedCalls, clear, note, recorded

__all__ = ["RecordedCalls", "clear", "key_arn", "note", "recorded"]
