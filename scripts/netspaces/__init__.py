"""Designing network design spaces: declare, sample, train, decide, draw."""
