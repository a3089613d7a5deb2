"""CodeBuild: projects as Terraform expects them, and builds that really run: in a shell on this machine.

moto keeps projects without updating them, refuses NO_SOURCE, and every build succeeds without running.
"""

from . import api


def install() -> None:
    api.install()
