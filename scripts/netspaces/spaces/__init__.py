"""Design spaces as data: parameters and their distributions, families, sampling."""
