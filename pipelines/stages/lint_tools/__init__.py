"""Runs clang-format, clang-tidy and cppcheck side by side, inside the toolchain container.

This folder is copied into the container and run with its Python, of 3.9 or newer: it knows nothing
but the standard library. It judges nothing: raw reports go to /reports, and whoever called reads
them.
"""
