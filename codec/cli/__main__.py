"""`python -m codec.cli`: the command, where it is not on the PATH."""

from __future__ import annotations

import sys

from codec.cli import main

sys.exit(main())
