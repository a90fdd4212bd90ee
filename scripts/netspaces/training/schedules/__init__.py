"""The schedules of the learning rate, one file each.

An entry is a function of (epochs that have passed, whole or not, epochs in all) that returns the share of the recipe's
`learning_rate`; warm-up and `update_rate_every` are the recipe's. Its keyword-only parameters are its options. Files of
users hold one in the same way, under the name SCHEDULE. None needs torch.
"""

from collections.abc import Callable

from netspaces.plugins.registry import Registry

Schedule = Callable[..., float]
SCHEDULES: Registry[Schedule] = Registry("schedule", "SCHEDULE", "netspaces.training.schedules")
