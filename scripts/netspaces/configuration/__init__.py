"""Configuration: YAML in layers, checked and resolved into populations before any job starts."""
