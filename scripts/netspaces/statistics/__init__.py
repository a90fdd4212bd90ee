"""Statistics of populations: arrays in, numbers out. Nothing here needs another package of the library."""
