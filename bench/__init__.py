"""Measure the pipelines against the same commands run bare, on one machine, in one run."""
