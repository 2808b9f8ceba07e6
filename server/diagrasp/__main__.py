"""`python -m diagrasp`."""

from __future__ import annotations

import sys

from diagrasp.cli import main

if __name__ == "__main__":
    sys.exit(main())
