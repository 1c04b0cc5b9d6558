"""The first data space: named-files, each a series of immutable versions."""
