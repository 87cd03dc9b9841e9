"""The account of a capture: who, when, how, and every byte bound to its digest; it never connects to anything."""
