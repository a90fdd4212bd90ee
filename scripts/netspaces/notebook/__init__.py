"""What a notebook does in one line: the functions behind `import netspaces`."""
