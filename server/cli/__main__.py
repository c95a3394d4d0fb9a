"""`python -m server.cli` is `streetwise`."""

from server.cli import main

if __name__ == "__main__":
    main()
