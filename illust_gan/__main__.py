"""``python -m illust_gan`` is the command line."""

import sys

from illust_gan.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
