"""Everything outside `/v1/api`: clock, truth, faults, switches, the person."""
