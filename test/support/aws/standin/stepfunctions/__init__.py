"""Step Functions: moto's engine (which stems from LocalStack's) with what it lacks.

It is off in moto unless asked for, and then runs one execution per server. See each module for its gap.
"""

import logging

from moto.core.config import default_user_config

default_user_config["stepfunctions"] = {"execute_state_machine": True}

from . import (  # noqa: E402
    api,
    codebuild,
    definitions,
    distributed_map,
    errors,
    integrations,
    waiting,
)


def install() -> None:
    # Every failed task would be logged with the whole definition; the execution's history has it.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    definitions.install()
    errors.install()
    waiting.install()
    integrations.install()
    codebuild.install()
    distributed_map.install()
    api.install()
