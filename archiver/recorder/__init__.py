"""The one way to the network: it sends, and every byte of it ends up in a WARC record; it knows no platform."""
