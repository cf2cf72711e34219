"""Many runs: stored as they finish, told apart by their content, on one machine or several."""
