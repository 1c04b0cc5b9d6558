"""The routes of the older API: other shapes of the same services (spec/server.md 9)."""
