"""The paper's figures, one module each, named after number and content."""
