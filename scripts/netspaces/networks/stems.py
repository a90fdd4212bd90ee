"""The stems of networks: the layers between the image and the first stage."""

from dataclasses import dataclass

from netspaces.networks.layers import Convolution, Layer, MaxPool, Size


@dataclass(frozen=True)
class Stem:
    """One convolution, and perhaps a 3x3 max-pooling of stride 2 after it."""

    description: str
    kernel: int
    stride: int
    pooled: bool = False

    def layers(self, channels: int, width: Size) -> list[Layer]:
        """The layers in their order, for images of `channels` channels and an output of `width` channels."""
        convolution = Convolution(name="conv", inputs=channels, outputs=width, kernel=self.kernel, stride=self.stride)
        pool = MaxPool(name="pool", inputs=width, outputs=width, stride=2)
        return [convolution, pool] if self.pooled else [convolution]


STEMS = {
    "simple": Stem("3x3 convolution of stride 2", kernel=3, stride=2),
    "cifar": Stem("3x3 convolution of stride 1", kernel=3, stride=1),
    "resnet": Stem("7x7 convolution of stride 2, then 3x3 max-pooling of stride 2", kernel=7, stride=2, pooled=True),
}
