"""What tests share: small spaces, runs, sources and configurations, and a running workflow or cluster."""
