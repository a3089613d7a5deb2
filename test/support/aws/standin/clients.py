"""boto3 clients with which the stand-in calls itself, in the name of a role."""

from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from . import settings
from .principals import credentials_of

_clients: dict[tuple[str, ...], Any] = {}
_lock = Lock()


def client(service: str, region: str, role: str, via: str) -> Any:
    """`role` may be the name of an AWS service where AWS itself acts, such as events.amazonaws.com."""
    key = (service, region, role, via)
    with _lock:  # boto3 cannot create clients concurrently
        if key not in _clients:
            credentials = credentials_of(role, via)
            _clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=settings.endpoint,
                aws_access_key_id=credentials.access_key,
                aws_secret_access_key=credentials.secret_key,
                aws_session_token=credentials.token,
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1},
                    connect_timeout=60,
                    read_timeout=3600,
                    max_pool_connections=64,
                ),
            )
        return _clients[key]
