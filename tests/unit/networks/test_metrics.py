"""Metrics: each is a sum of what layers count."""

from netspaces.networks.layers import Count
from netspaces.networks.metrics import METRICS


def test_metrics_come_in_the_order_of_the_columns_of_tables():
    assert list(METRICS) == ["flops", "params", "activations", "activations_all"]
    assert all(metric.name == name and metric.unit and metric.description for name, metric in METRICS.items())


def test_a_metric_adds_up_its_quantities():
    count = Count(multiply_adds=1, parameters=10, convolution_outputs=100, other_outputs=1000)
    assert [metric.of(count) for metric in METRICS.values()] == [1, 10, 100, 1100]
