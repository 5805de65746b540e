"""Training of the pocket model."""
