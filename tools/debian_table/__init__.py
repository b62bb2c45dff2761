"""Build the table of missing names and Debian packages from Debian's own indexes."""
