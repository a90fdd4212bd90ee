"""Operations of augmentation: what each of them declares. `netspaces.training.batches` draws numbers and applies them.

Images are (n, height, width, channels), pixels from 0 to 255; grey images have one channel, colour images red, green,
blue. Neither this module nor the files of operations import torch before they work: recipes, and with them keys and
plans, only need to know the operations' order.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Operation(ABC):
    """A random change of training images, a batch at a time on the device.

    Attributes
    ----------
    description : what it does, in a few words.
    place : where it stands in the order in which operations are applied, a whole number from 0. It seeds the random
        numbers too, so it never changes, and no two operations of a recipe may have the same. The library has 0 to 7;
        those of users are 10 or more.
    numbers : how many random numbers an image takes.
    normal : whether these are standard normal; else they are uniform between 0 and 1.
    channels : the numbers of channels that it is made for; none for any.
    """

    description: str
    place: int
    numbers: int
    normal: bool = False
    channels: tuple[int, ...] = ()

    @abstractmethod
    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The changed images; `numbers` are theirs, (n, numbers), `resolution` is what the network takes, in pixels.

        What happens to an image may not depend on the others of the batch, and `images` itself stays as it is.
        """
