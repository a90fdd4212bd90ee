"""What is written and read, and said of it: safe files, checked tables, text that stays text, names meant."""
