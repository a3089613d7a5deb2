"""Lambda functions that really run: their zips and layers, in Node processes on this machine.

moto needs docker for that, or answers a constant.
"""

from . import code, configuration, invocation


def install() -> None:
    code.install()
    configuration.install()
    invocation.install()
