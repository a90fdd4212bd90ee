"""How long a test waits for a process: longer than any takes on a machine with other work. What takes longer hangs."""

PATIENCE = 4 * 3600.0  # seconds
