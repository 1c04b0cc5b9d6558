"""The second data space: named-paths groups, ordered lists of csvpath statements."""
