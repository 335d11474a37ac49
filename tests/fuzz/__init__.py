"""Broken photos without end: a seeded mutator of good files against the decoder (`make fuzz`)."""
