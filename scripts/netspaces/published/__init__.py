"""The published models of the paper: structure, times and errors of their weights."""
