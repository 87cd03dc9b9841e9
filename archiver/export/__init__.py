"""Hands captures on, and takes over what others hand on; it captures nothing and judges nothing."""
