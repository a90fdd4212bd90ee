"""Figures of any study: these draw whatever panels it has."""
