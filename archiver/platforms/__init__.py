"""What each platform's answers mean: bytes in, facts out. Nothing here asks, or reads a clock or a disk."""
