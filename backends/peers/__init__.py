"""What Lockstep is measured against: the checks that people use otherwise, and loops without any check."""
