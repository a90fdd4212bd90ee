"""The metrics of complexity: each is a sum of quantities that layers count (`netspaces.networks.layers.Count`).

This is one table and no registry of files, because the order of the metrics is that of the columns of every table, and
because all four must be read side by side to see how they differ.
"""

from dataclasses import dataclass

from netspaces.networks.layers import Count, Size


@dataclass(frozen=True)
class Metric:
    """One metric of complexity: its unit, its meaning, and the quantities of a `Count` that it adds up."""

    name: str
    unit: str
    description: str
    quantities: tuple[str, ...]

    def of(self, count: Count) -> Size:
        """The metric of what layers count."""
        first, *others = (getattr(count, quantity) for quantity in self.quantities)
        return sum(others, start=first)


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            name="flops",
            unit="multiply-adds",
            description="multiply-adds of all convolutions and of the fully connected layer, biases included",
            quantities=("multiply_adds",),
        ),
        Metric(
            name="params",
            unit="parameters",
            description="all learnable parameters",
            quantities=("parameters",),
        ),
        Metric(
            name="activations",
            unit="elements",
            description="output elements of all convolutions (the paper's definition)",
            quantities=("convolution_outputs",),
        ),
        Metric(
            name="activations_all",
            unit="elements",
            description="activations, with the outputs of max-pooling and of the last layer (the authors' code)",
            quantities=("convolution_outputs", "other_outputs"),
        ),
    )
}
