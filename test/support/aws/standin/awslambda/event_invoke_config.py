"""The configuration of asynchronous invocations, per function or alias.

moto has one per function whatever the qualifier, and answers with the first one ever put.
"""

import time
from typing import Any

from moto.awslambda.exceptions import UnknownEventConfig
from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

_configs: dict[str, dict[str, Any]] = {}


def install() -> None:
    LambdaResponse.put_function_event_invoke_config = lambda self: _store(self, keep=False)
    LambdaResponse.update_function_event_invoke_config = lambda self: _store(self, keep=True)
    LambdaResponse.get_function_event_invoke_config = _get
    LambdaResponse.delete_function_event_invoke_config = _delete


def config_of(function: LambdaFunction, qualifier: str | None) -> dict[str, Any]:
    """An alias without a configuration of its own has the defaults, not those of the function."""
    return _configs.get(_arn(function, qualifier), {})


def _arn(function: LambdaFunction, qualifier: str | None) -> str:
    region, account = function.region, function.account_id
    return f"arn:aws:lambda:{region}:{account}:function:{function.function_name}:{qualifier or '$LATEST'}"


def _addressed(response: LambdaResponse) -> str:
    name = response.path.rsplit("/", 2)[1]
    qualifier = response.querystring.get("Qualifier", [None])[0]
    return _arn(response.backend.get_function(name, qualifier), qualifier)


def _store(response: LambdaResponse, keep: bool) -> ActionResult:
    arn = _addressed(response)
    body = response.json_body
    fields = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    config = dict(_configs.get(arn, {})) if keep else {}
    config |= {name: body[name] for name in fields if name in body}
    config |= {"FunctionArn": arn, "LastModified": time.time()}
    config.setdefault("DestinationConfig", {"OnSuccess": {}, "OnFailure": {}})
    _configs[arn] = config
    return ActionResult(config)


def _get(response: LambdaResponse) -> ActionResult:
    arn = _addressed(response)
    if arn not in _configs:
        raise UnknownEventConfig(arn)
    return ActionResult(_configs[arn])


def _delete(response: LambdaResponse) -> Any:
    arn = _addressed(response)
    if _configs.pop(arn, None) is None:
        raise UnknownEventConfig(arn)
    return 204, {"status": 204}, ""
