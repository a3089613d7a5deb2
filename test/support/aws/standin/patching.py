"""Replaces a function of moto wherever modules have imported it by name."""

import sys
from typing import Any


def replace_everywhere(name: str, old: Any, new: Any) -> None:
    for module in list(sys.modules.values()):
        if getattr(module, name, None) is old:
            setattr(module, name, new)
