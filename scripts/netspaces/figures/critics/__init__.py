"""Figures that answer the paper's critics, one module each."""
