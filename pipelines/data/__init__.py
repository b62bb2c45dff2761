"""Data that the pipelines carry: generated, see tools/."""
