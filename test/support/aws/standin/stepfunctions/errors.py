"""Error names, as AWS matches them.

Gaps of the engine: States.ALL catches what in AWS nothing catches, and an error called States.… that leaves a
Parallel branch or a Map iteration ends in an exception of the engine itself.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName

_UNCATCHABLE = {"States.DataLimitExceeded", "States.Runtime"}


def install() -> None:
    CustomErrorName.__init__ = ErrorName.__init__
    ErrorEqualsDecl._eval_body = _matches


def _matches(self: ErrorEqualsDecl, env: Any) -> None:
    name = env.stack.pop().error_name
    wanted = {error.error_name for error in self.error_names}
    if name in wanted:
        matched = True
    elif "States.ALL" in wanted:
        matched = name not in _UNCATCHABLE
    elif "States.TaskFailed" in wanted:
        matched = name not in _UNCATCHABLE | {"States.Timeout", "States.HeartbeatTimeout"}
    elif "States.Timeout" in wanted:
        matched = name == "States.HeartbeatTimeout"
    else:
        matched = False
    env.stack.append(matched)
