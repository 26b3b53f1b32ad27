"""The events file: what planners write, checked, and told back with lines and hints where it is wrong."""
