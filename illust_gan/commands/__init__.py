"""The command line: a thin file per command, each calling public functions of the package."""
