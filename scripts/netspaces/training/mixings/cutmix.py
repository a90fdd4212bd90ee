"""CutMix (Yun et al. 2019): a box of another image pasted in; its share of the area is the other's weight."""

from typing import TYPE_CHECKING, ClassVar

from netspaces.training.mixing import Mixing

if TYPE_CHECKING:
    import torch


class CutMix(Mixing):
    """A box of the image's shape around a random pixel, cut off where it leaves the image."""

    description = "a box of another image pasted in"
    positions: ClassVar[int] = 2

    def apply(
        self, images: "torch.Tensor", others: "torch.Tensor", numbers: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Images with boxes, and the share of the pixels that are the image's own."""
        import torch

        half = 0.5 * (1 - numbers[:, 0]).sqrt()
        rows, columns = (within(numbers[:, 1 + axis], half, images.shape[2 + axis], images.device) for axis in range(2))
        boxes = rows[:, :, None] & columns[:, None, :]
        return torch.where(boxes[:, None], others, images), 1 - boxes.float().mean((1, 2))


def within(position: "torch.Tensor", half: "torch.Tensor", size: int, device: "torch.device") -> "torch.Tensor":
    """Which of `size` pixels (n, size) lie within a share `half` of them from a pixel at a relative position."""
    import torch

    centre, reach = (position * size).long(), (half * size).long()
    pixels = torch.arange(size, device=device)
    return (pixels >= (centre - reach)[:, None]) & (pixels < (centre + reach)[:, None])


MIXING = CutMix()
