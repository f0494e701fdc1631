"""What scripts/bench measures: inputs, the two sides of each road, other libraries, whole processes, the tables."""
