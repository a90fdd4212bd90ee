"""The error of everything that reads or checks the configuration."""

from netspaces.files.safe import OneLineError


class ConfigError(OneLineError):
    """Wrong configuration; the message, always one line, names file, key and what was expected."""
