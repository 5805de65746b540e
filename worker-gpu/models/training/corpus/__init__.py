"""Synthetic English for the pocket model: made from word lists and templates, no data set is read."""
