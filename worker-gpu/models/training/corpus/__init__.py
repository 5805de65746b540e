"""Synthetic English for the pocket model: generated from word lists and templates."""
