"""The pages of `lockstep report`: what they are made of, and their files."""
