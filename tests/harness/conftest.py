"""What tests of the harness share."""

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True)
def seeded_frameworks() -> None:
    """Models that a test makes start from the same weights every time: frameworks draw them from global state."""
    np.random.seed(0)
    torch.manual_seed(0)
