"""Pooling and its reversals."""

from backends.names.correspondence import differs, identical, no_counterpart, normal, unproven, values

ONE, TWO, THREE = normal(2, 3, 7), normal(2, 3, 7, 5), normal(2, 2, 5, 3, 5)
COVER = "covers the last windows unless cover_all=False"
SIZE = "the last window is cut: (size − 1)·ksize + 1"
ROI = "torchvision.ops holds it, which is no part of PyTorch"

REGIONS = {
    "x": normal(2, 2, 6, 7),
    "rois": values([0.0, 1.0, 4.0, 6.0], [2.0, 0.0, 5.0, 4.0]),
    "i": values(0, 1),
}
BY_REGION = (
    "torch.cat([nn.functional.{pool}(x[n:n + 1, :, {region}], (2, 3))"
    " for n, (top, left, bottom, right) in zip(i.tolist(), rois.int().tolist())])"
)

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
    no_counterpart(
        "F.roi_average_pooling_2d(x, rois, i, (2, 3), 1.0)",
        BY_REGION.format(pool="adaptive_avg_pool2d", region="top:bottom, left:right"),
        how="top, left, bottom and right are whole numbers here; torchvision has no such average",
        given=REGIONS,
    ),
    unproven("F.roi_max_align_2d(x, rois, i, 7, 1.0)", "torchvision.ops.roi_align, with a maximum", ROI),
    no_counterpart(
        "F.roi_max_pooling_2d(x, rois, i, (2, 3), 1.0)",
        BY_REGION.format(pool="adaptive_max_pool2d", region="top:bottom, left:right"),
        how="top, left, bottom and right are whole numbers here; torchvision.ops.roi_pool(x, boxes, (2, 3)) takes left first",
        given=REGIONS,
    ),
    no_counterpart(
        "F.roi_pooling_2d(x, np.array([[0, 1, 0, 5, 3], [1, 0, 2, 3, 4]], float), 2, 3, 1.0)",
        "torch.cat([nn.functional.adaptive_max_pool2d(x[n:n + 1, :, top:bottom + 1, left:right + 1], (2, 3))"
        " for n, left, top, right, bottom in [(0, 1, 0, 5, 3), (1, 0, 2, 3, 4)]])",
        how="right and bottom belong to the region; torchvision.ops.roi_pool(x, boxes, (2, 3)) is for any region",
        x=normal(2, 2, 6, 7),
    ),
)
