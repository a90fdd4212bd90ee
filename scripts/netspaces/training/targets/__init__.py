"""The targets of training, one file each: what a network learns to tell of an image.

Files of users hold a target in the same way, a `netspaces.training.target.Target` under the name TARGET.
"""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:  # a recipe asks for names only, which must not cost the import of torch
    from netspaces.training.target import Target

TARGETS: "Registry[Target]" = Registry("target", "TARGET", "netspaces.training.targets")
