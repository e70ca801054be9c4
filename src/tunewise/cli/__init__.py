"""The command line. Each module adds its commands to the parser and imports what it needs only when they run."""
