"""Networks as data and as modules: architectures, blocks, what they cost."""
