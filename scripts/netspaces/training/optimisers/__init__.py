"""The optimisers, one file each.

Files of users hold an optimiser in the same way, a class derived from `netspaces.training.optimiser.Optimiser` under
the name OPTIMISER.
"""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:
    from netspaces.training.optimiser import Optimiser

OPTIMISERS: "Registry[type[Optimiser]]" = Registry("optimiser", "OPTIMISER", "netspaces.training.optimisers")
