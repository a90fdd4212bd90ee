"""Images: where they come from, and the prepared folders that training maps."""
