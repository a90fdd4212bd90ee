"""The columns of a population's table beside those of architectures, by name, without pandas: a start is quick."""

MISSING = "missing"
IDENTITY = ("population", "index", "duplicate_of", "architecture")
"""Columns that say which network of which population a row is."""

RESULTS = {
    "status": "str",
    "error": "float64",
    "error_min": "float64",
    "error_selected": "float64",
    "epochs": "Int64",
    "learning_rate": "float64",
    "weight_decay": "float64",
    "train_loss": "float64",
    "train_error": "float64",
    "seconds": "float64",
    "images_per_second": "float64",
    "peak_memory_mb": "float64",
    "device": "str",
    "precision": "str",
    "key": "str",
}
"""Columns that a run adds to its network's row, and their types; empty where there is no run.

Sampled values of a recipe are in the sampled table already, whether there is a run or not.
"""

NOTES = ("metric", "reason")
"""Columns that only populations of other people have: what their errors were made of, and why a row has no result."""
