"""The routes of the newer API, under /v2, and what stands beside both."""
