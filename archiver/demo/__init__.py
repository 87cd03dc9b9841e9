"""A small internet on loopback with sample posts, for demonstration and tests; it imports nothing else of this program.

It is a witness: what it logs was written by other code than what it judges. Enter by `archiver.demo.box.Box`.
"""
