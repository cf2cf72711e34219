"""Pooling and its reversals."""

from backends.names.correspondence import differs, identical, no_counterpart, normal, unproven

ONE, TWO, THREE = normal(2, 3, 7), normal(2, 3, 7, 5), normal(2, 2, 5, 3, 5)
COVER = "covers the last windows unless cover_all=False"
SIZE = "the last window is cut: (size − 1)·ksize + 1"
ROI = "torchvision.ops holds it, which is no part of PyTorch"

LINES = (
    identical("F.average_pooling_1d(x, 2)", "nn.functional.avg_pool1d(x, 2)", x=ONE),
    identical("F.average_pooling_2d(x, 3, 2, 1)", "nn.functional.avg_pool2d(x, 3, 2, 1)", x=TWO),
    identical("F.average_pooling_3d(x, 2)", "nn.functional.avg_pool3d(x, 2)", x=THREE),
    identical(
        "F.average_pooling_nd(x, 2)", "nn.functional.avg_pool2d(x, 2)", how="avg_pool1d to avg_pool3d, by x.ndim", x=TWO
    ),
    differs(
        "F.max_pooling_1d(x, 2)",
        "nn.functional.max_pool1d(x, 2, ceil_mode=True)",
        "nn.functional.max_pool1d(x, 2)",
        difference="max_pooling_cover_all",
        how=COVER,
        x=ONE,
    ),
    differs(
        "F.max_pooling_2d(x, 2)",
        "nn.functional.max_pool2d(x, 2, ceil_mode=True)",
        "nn.functional.max_pool2d(x, 2)",
        difference="max_pooling_cover_all",
        how=COVER,
        x=TWO,
    ),
    differs(
        "F.max_pooling_3d(x, 2)",
        "nn.functional.max_pool3d(x, 2, ceil_mode=True)",
        "nn.functional.max_pool3d(x, 2)",
        difference="max_pooling_cover_all",
        how=COVER,
        x=THREE,
    ),
    differs(
        "F.max_pooling_nd(x, 2)",
        "nn.functional.max_pool2d(x, 2, ceil_mode=True)",
        "nn.functional.max_pool2d(x, 2)",
        difference="max_pooling_cover_all",
        how=f"{COVER}; max_pool1d to max_pool3d, by x.ndim",
        x=TWO,
    ),
    differs(
        "F.unpooling_1d(x, 2)",
        "nn.functional.interpolate(x, scale_factor=2)[:, :, :-1]",
        "nn.functional.interpolate(x, scale_factor=2)",
        difference="unpooling_size",
        how=SIZE,
        x=ONE,
    ),
    differs(
        "F.unpooling_2d(x, 2)",
        "nn.functional.interpolate(x, scale_factor=2)[:, :, :-1, :-1]",
        "nn.functional.interpolate(x, scale_factor=2)",
        difference="unpooling_size",
        how=SIZE,
        x=TWO,
    ),
    differs(
        "F.unpooling_3d(x, 2)",
        "nn.functional.interpolate(x, scale_factor=2)[:, :, :-1, :-1, :-1]",
        "nn.functional.interpolate(x, scale_factor=2)",
        difference="unpooling_size",
        how=SIZE,
        x=THREE,
    ),
    differs(
        "F.unpooling_nd(x, 2)",
        "nn.functional.interpolate(x, scale_factor=2)[:, :, :-1, :-1]",
        "nn.functional.interpolate(x, scale_factor=2)",
        difference="unpooling_size",
        how=SIZE,
        x=TWO,
    ),
    differs(
        "F.upsampling_2d(x, F.max_pooling_2d(y, 2, cover_all=False, return_indices=True)[1], 2, cover_all=False)",
        "nn.functional.max_unpool2d(x, nn.functional.max_pool2d(y, 2, return_indices=True)[1], 2)",
        "nn.functional.interpolate(x, scale_factor=2)",
        how="puts elements where a max pooling found them; indexes count within a window, in PyTorch within the image",
        x=normal(2, 3, 2, 3),
        y=normal(2, 3, 4, 6),
    ),
    no_counterpart(
        "F.spatial_pyramid_pooling_2d(x, 2, 'max')",
        "torch.cat([nn.functional.adaptive_max_pool2d(x, 2 ** i).flatten(1) for i in range(2)], 1)[:, :, None, None]",
        how="the same if the sizes can be divided",
        x=normal(2, 3, 4, 4),
    ),
    unproven(
        "F.roi_average_align_2d(x, rois, i, 7, 1.0)", "torchvision.ops.roi_align(x, boxes, 7)", ROI, status="differs"
    ),
    unproven(
        "F.roi_average_pooling_2d(x, rois, i, 7, 1.0)",
        "a loop over nn.functional.adaptive_avg_pool2d",
        "windows of regions overlap",
    ),
    unproven("F.roi_max_align_2d(x, rois, i, 7, 1.0)", "torchvision.ops.roi_align, with a maximum", ROI),
    unproven(
        "F.roi_max_pooling_2d(x, rois, i, 7, 1.0)", "torchvision.ops.roi_pool(x, boxes, 7)", ROI, status="differs"
    ),
    unproven("F.roi_pooling_2d(x, rois, 7, 7, 1.0)", "torchvision.ops.roi_pool(x, boxes, 7)", ROI, status="differs"),
)
