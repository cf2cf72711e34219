"""Whether lockstep finds what is wrong and nothing else: mutants, and correct backends on random networks."""
