"""Files that are sent: read on the loop as they come, stored by a thread, never held in memory."""
