"""Plans, values and verdicts: pure functions without input, output or time."""
