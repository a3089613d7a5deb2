"""Puts the events of AWS services themselves on the default bus."""

import json
from typing import Any

from moto.events.models import events_backends

from .. import settings


def emit(source: str, detail_type: str, detail: dict[str, Any], resources: list[str], region: str) -> None:
    events_backends[settings.ACCOUNT][region].put_events(
        [
            {
                "Source": source,
                "DetailType": detail_type,
                "Detail": json.dumps(detail, default=str),
                "Resources": resources,
            }
        ]
    )
