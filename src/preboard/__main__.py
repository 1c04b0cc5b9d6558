"""`python -m preboard` is the command `preboard`."""

from preboard.cli import main

if __name__ == "__main__":
    main()
