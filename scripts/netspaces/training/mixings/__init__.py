"""The ways of mixing images of a batch, one file each.

Files of users hold one in the same way, a `netspaces.training.mixing.Mixing` under the name MIXING.
"""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:
    from netspaces.training.mixing import Mixing

MIXINGS: "Registry[Mixing]" = Registry("mixing", "MIXING", "netspaces.training.mixings")
