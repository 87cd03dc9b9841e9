"""Runs the command line as `python -m archiver`; it holds nothing else."""

from archiver.cli import main

main()
