"""Files that arrive elsewhere: what other servers send when one does, and what a hook makes of it.

`adapters` reads the requests of each kind of sender, `mapping` says what a stored hook does with
the files they announce. All of it is pure: bytes and headers in, records out.
"""
