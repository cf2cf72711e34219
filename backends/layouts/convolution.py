"""Convolutions: both frameworks hold (out, in / groups, …), and a deconvolution's (in, out / groups, …)."""

from backends.layouts.layout import Layout
from backends.layouts.transformations import Array, Arrays, LayoutError, Same, Transformation, check_axes, contiguous


def _plain(link: str, module: str, dimensions: int) -> Layout:
    return Layout(link, module, (Same("W", "weight", 2 + dimensions), Same("b", "bias", 1, optional=True)))


class Depthwise(Transformation):
    """Chainer's (multiplier, in, height, width) as PyTorch's (in · multiplier, 1, height, width) of `in` groups."""

    link_names = ("W",)
    module_names = ("weight",)

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The filters of each channel side by side."""
        check_axes("W", arrays["W"], 4)
        filters = arrays["W"].swapaxes(0, 1)
        return {"weight": contiguous(filters.reshape(-1, 1, *filters.shape[2:]))}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """Refused: how many channels come in is not in the weight."""
        problem = "how many channels come in is not in a weight of shape"
        raise LayoutError(f"{problem} {arrays['weight'].shape}; only the way to PyTorch is known")


LAYOUTS = (
    _plain("Convolution2D", "Conv2d", 2),
    _plain("Convolution1D", "Conv1d", 1),
    _plain("Convolution3D", "Conv3d", 3),
    _plain("ConvolutionND", "Conv1d", 1),
    _plain("ConvolutionND", "Conv2d", 2),
    _plain("ConvolutionND", "Conv3d", 3),
    _plain("DilatedConvolution2D", "Conv2d", 2),
    Layout("DepthwiseConvolution2D", "Conv2d", (Depthwise(), Same("b", "bias", 1, optional=True))),
    _plain("Deconvolution2D", "ConvTranspose2d", 2),
    _plain("Deconvolution1D", "ConvTranspose1d", 1),
    _plain("Deconvolution3D", "ConvTranspose3d", 3),
    _plain("DeconvolutionND", "ConvTranspose1d", 1),
    _plain("DeconvolutionND", "ConvTranspose2d", 2),
    _plain("DeconvolutionND", "ConvTranspose3d", 3),
)
