"""The blocks of networks, one file each: what a block is made of, which parameters it has and which widths it takes.

Files of users hold a block in the same way, a `netspaces.networks.block.Block` under the name BLOCK.
"""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:
    from netspaces.networks.block import Block

BLOCKS: "Registry[Block]" = Registry(
    "block", "BLOCK", "netspaces.networks.blocks", entry_type="netspaces.networks.block.Block"
)
