"""The head of networks: the layers after the last stage, beside average pooling, which has no parameters."""

import numpy as np

from netspaces.networks.layers import Convolution, FullyConnected, Layer, Size


def head_layers(width: Size, head_width: Size, classes: int) -> list[Layer]:
    """EfficientNet's 1x1 convolution to `head_width` channels, absent if that is 0, and the fully connected layer.

    Average pooling comes between the two; `width` is that of the last stage.
    """
    widened = head_width > 0
    inputs = np.where(widened, head_width, width) if isinstance(widened, np.ndarray) else head_width or width
    return [
        Convolution(name="last", inputs=width, outputs=head_width, present=widened),
        FullyConnected(name="head", inputs=inputs, outputs=classes),
    ]
