"""Tables that answer the paper's critics, one module each."""
