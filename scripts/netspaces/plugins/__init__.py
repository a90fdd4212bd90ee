"""What can be added by one file: registries of such files, and the loading of those that users bring."""
