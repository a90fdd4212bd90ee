"""The engine's side: what the Snakefile, its rules and scripts need beside the science."""
