"""Training of one network: recipe, loop, record and the store of records."""
