"""What training costs, and how networks are dealt to jobs."""
