"""What people hear of conditions: in which words, through which channels, and how many at a time."""
