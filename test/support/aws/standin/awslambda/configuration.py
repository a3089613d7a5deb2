"""Parts of a function's configuration that moto drops, so that every plan would show them as changes:
dead-letter queue, file systems, logging; on update also tracing and ephemeral storage."""

from typing import Any

from moto.awslambda.models import LambdaFunction

from . import event_invoke_config

_KEPT = {
    "DeadLetterConfig": "dead_letter_config",
    "FileSystemConfigs": "file_system_configs",
    "LoggingConfig": "logging_config",
    "KMSKeyArn": "kms_key_arn",
}

_original_init = LambdaFunction.__init__
_original_get = LambdaFunction.get_configuration
_original_update = LambdaFunction.update_configuration


def install() -> None:
    event_invoke_config.install()
    LambdaFunction.__init__ = _init
    LambdaFunction.get_configuration = _get_configuration
    LambdaFunction.update_configuration = _update_configuration


def _init(self: LambdaFunction, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:
    _original_init(self, account_id, spec, region, version)
    for name, attribute in _KEPT.items():
        setattr(self, attribute, spec.get(name))


def _get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
    configuration = _original_get(self, on_create)
    for name, attribute in _KEPT.items():
        value = getattr(self, attribute, None)
        if value:
            configuration[name] = value
    default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
    configuration["LoggingConfig"] = {**default, **(self.logging_config or {})}
    return configuration


def _update_configuration(self: LambdaFunction, updates: dict[str, Any]) -> dict[str, Any]:
    for name, attribute in _KEPT.items():
        if name in updates:
            setattr(self, attribute, updates[name])
    if "TracingConfig" in updates:
        self.tracing_config = updates["TracingConfig"]
    if "EphemeralStorage" in updates:
        self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    return _original_update(self, updates)
