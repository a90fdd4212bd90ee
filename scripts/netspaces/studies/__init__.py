"""A study at hand: its populations, how they are paired, and the claims that it decides."""
