"""How long a test waits for what comes."""

from typing import Final

PATIENCE_S: Final = 120
"""Seconds: enough on a machine that has much else to do. Only what never comes takes them."""
