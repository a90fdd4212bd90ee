"""Tables over all populations of a run."""
