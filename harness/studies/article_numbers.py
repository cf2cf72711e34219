"""The numbers that the article prints, and those that it should have printed; none comes from our code.

The article is one of a Japanese blog series of 2018 in which a hardware engineer types a two-layer network into the
NumPy prompt, prints every intermediate matrix, and then runs the same as a program of 300 epochs. X, Y, W1 and W2 are
standard normals drawn in that order after `np.random.seed(1)`, as float32; M 2, N_I 3, N_H 2, N_O 3; lr 1e-4.

Numbers are kept as printed text, which shows how many digits they have; slashes separate rows, spaces columns.
"Prompt" is the session as typed, with its two mistakes: it divides by Y_size = 4 instead of 6, and masks no gradient.
"""

from decimal import Decimal
from typing import Any

import numpy as np

PRINTED = {
    "X": "1.62434542 -0.61175638 -0.52817178 / -1.0729686 0.86540765 -2.30153871",
    "Y": "1.74481177 -0.76120692 0.31903911 / -0.24937038 1.4621079 -2.06014061",
    "h": "-1.12623584 0.51268864 / 1.72396648 1.48064899",
    "h_r": "0 0.51268864 / 1.72396648 1.48064899",
    "y_p": "0.58688682 0.4622353 0.25762314 / 1.76770902 2.33969331 -1.15341294",
    "prompt-squared-error": "3.35197508e-01 3.74202698e-01 9.42980347e-04 / 1.01715231 1.92539036e-01 2.05538765e-01",
    "prompt-grad_y_p": "-0.57896245 0.6117211 -0.03070799 / 1.00853968 0.43879271 0.45336384",
    "prompt-grad_w2": "1.73868859 0.75646394 0.78158408 / 1.19646585 0.96332037 0.65552908",
    "prompt-grad_h-where-h-is-negative": "0.36587802",
    "prompt-grad_w1": "0.80962664 -2.11339641 / -0.39749098 1.6161139 / 0.26860714 -4.02506113",
    "prompt-squared-error-after-update": (
        "3.34928960e-01 3.74425739e-01 9.36939847e-04 / 1.01370442 1.91491380e-01 2.04662815e-01"
    ),
    "program-epoch-1-squared-error": (
        "2.23465011e-01 2.49468461e-01 6.28653564e-04 / 6.78101540e-01 1.28359362e-01 1.37025848e-01"
    ),
    "program-epoch-300-squared-error": (
        "2.09887639e-01 2.60629386e-01 3.69301037e-04 / 4.68264222e-01 6.91347048e-02 8.65766481e-02"
    ),
}
"""What the article prints, except for the losses, which it truncates."""

TRUNCATED_LOSSES = {1: "1.41", 300: "1.094"}
"""The program's loss by epoch, as given in the article's text."""

CORRECTED = {
    "prompt-grad_w1-masked": "0.21531437 -2.11339641 / -0.17366277 1.6161139 / 0.46185356 -4.02506113",
    "prompt-squared-error-after-honest-update": (
        "3.35081011e-01 3.74299109e-01 9.40472644e-04 / 1.01518726 1.91954881e-01 2.05048054e-01"
    ),
    "program-epoch-1-grad_w1": "0.14354287 -1.40893102 / -0.11577515 1.07740927 / 0.30790228 -2.68337393",
    "program-epoch-1-grad_w2": "1.15912569 0.50430930 0.52105600 / 0.79764384 0.64221364 0.43701938",
    "program-epoch-1-loss": "1.4170488",
    "program-epoch-2-loss": "1.4156910",
    "program-epoch-100-loss": "1.2929372",
    "program-epoch-200-loss": "1.1861755",
    "program-epoch-300-loss": "1.0948619",
    "program-final-w1": "-0.32685885 -0.3466183 / 1.1373476 -1.1285876 / -0.18195552 -0.8061646",
    "program-final-w2": "0.01024457 0.5696914 -1.1147039 / 1.1256994 0.8846587 0.4917133",
}
"""What the article does not print, or prints wrong; the prompt's honest update moves each weight once, unmasked."""

FLOAT64_LOSSES = {
    ("two_layer_tiny", "float64"): {300: "1.0948610027"},
    ("two_layer", "float32"): {
        1: "53178.3978",
        2: "37294.7492",
        10: "17345.6039",
        100: "749.065568",
        300: "18.6756712",
    },
}
"""The loss in float64, by scenario, the dtype that its draws are rounded to, and epoch."""

LOSS_WITHOUT_MASK = "1.0937754"
"""At epoch 300, with `grad_h[h < 0] - 0` for `= 0`."""

LOSS_DIVIDED_BY_FOUR = "1.4724063"
"""At epoch 300, with `Y_size = 2*2`: the loss that this program itself reports, the sum of squares divided by 4."""

LOSS_WITH_W1_MOVED_TWICE = "0.9267264"
"""At epoch 300, with a mask and Y_size 6, but with W1 moving twice as far as it should."""

LOSS_WITHOUT_CLEARING = "0.27936"
"""At epoch 300, if gradients accumulate from epoch to epoch."""

CHANGES_BY_EPOCH_300 = {(1, 2): "+4.5", (2, 1): "-31", (2, 2): "-46", (1, 3): "-41"}
"""The change of a squared error since epoch 1, in percent; the article counts rows and columns from 1."""


def significant_digits(text: str) -> int:
    """How many significant digits a printed number has."""
    return len(Decimal(text).as_tuple().digits)


def has_the_digits(value: Any, text: str) -> bool:
    """Whether value, printed with the decimals of text, reads the same; it must equal a whole number exactly."""
    mantissa, exponent, _ = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return f"{value:.{decimals}{exponent or 'f'}}" == text if decimals else float(value) == float(text)


def is_within_ulp(value: Any, text: str, allowed: int) -> bool:
    """Whether a float32 is within `allowed` units of the last place of a printed number.

    If the number has too few digits to tell one float32 from the next, the rounding of its last digit is added.
    """
    golden = np.float32(text)
    last_digit = Decimal(text).as_tuple().exponent
    rounded_off = 0.5 * 10.0 ** int(last_digit) if "." in text and significant_digits(text) < 9 else 0.0
    return abs(float(value) - float(golden)) <= allowed * float(np.spacing(np.abs(golden))) + rounded_off
