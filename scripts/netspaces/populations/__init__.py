"""Populations of trained networks and their tables, ours and those of others."""
