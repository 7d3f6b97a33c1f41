"""`python -m mien_loadtests ...`: Locust, with Mien's users."""

import sys
from pathlib import Path

from locust.main import main as run_locust


def main() -> None:
    """Hand all arguments on to Locust, after the file that holds the users."""
    locustfile = Path(__file__).with_name("locustfile.py")
    sys.argv[1:1] = ["--locustfile", str(locustfile)]
    run_locust()


if __name__ == "__main__":
    main()
