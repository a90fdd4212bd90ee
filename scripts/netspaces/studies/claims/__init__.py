"""Claims of a paper: quantities with intervals, and verdicts by rule."""
