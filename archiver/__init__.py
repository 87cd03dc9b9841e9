"""Preserve social-media posts as evidence; the version lives here, and nothing else."""

__version__ = "0.1.0"
