"""The operations of augmentation, one file each: random changes of training images.

Files of users hold an operation in the same way, a `netspaces.training.operation.Operation` under the name
AUGMENTATION.
"""

from netspaces.plugins.registry import Registry
from netspaces.training.operation import Operation

AUGMENTATIONS: Registry[Operation] = Registry("augmentation", "AUGMENTATION", "netspaces.training.augmentation")
