"""`python -m ibkr_simulator`."""

import sys

from ibkr_simulator.cli import main

sys.exit(main())
