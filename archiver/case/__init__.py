"""The case on disk: its layout, the bags in it and what can be listed; it knows neither network nor platform."""
