"""Images and kernels are drawn as pictures, in a real browser: of a large tensor and of a small one."""

from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Locator, expect

from harness.files import write_file
from lockstep.pages.contents import contents_of
from lockstep.pages.writing import rendered
from tests.reports.page.pages import WIDE, watching

IMAGES = np.random.RandomState(3).randint(0, 5, (12, 16)) / 4
KERNELS = np.array([[[[1.0, 2.0], [3.0, 5.0]]], [[[0.0, -1.0], [-2.0, -3.0]]]])
SCENARIO = """
from scenarios import data, param, scenario, sgd

@scenario(
    seed=1, epochs=2, optimizer=sgd(lr=0.1), batch_size=10,
    x=data("images.npy", picture=(4, 4)),
    k=param(load="kernels.npy"),
    b=param(2, fill=0.0),
)
def network(op, x, k, b):
    return op.reduce_mean(op.tanh(op.conv2d(op.reshape(x, shape=(-1, 1, 4, 4)), k, b)))
"""


def pixels(canvas: Locator) -> np.ndarray[Any, Any]:
    """The red of every pixel, which is its grey; -1 where there is none."""
    width, height, data = canvas.evaluate("""(canvas) => {
        const { width, height } = canvas;
        const copied = new OffscreenCanvas(width, height).getContext("2d");
        copied.drawImage(canvas, 0, 0);
        return [width, height, [...copied.getImageData(0, 0, width, height).data]];
    }""")
    image = np.array(data).reshape(height, width, 4)
    assert (image[..., 0] == image[..., 1]).all()
    return np.where(image[..., 3] == 255, image[..., 0], -1)


def side_by_side(pictures: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Pictures (P, rows, columns) in grey, with a column of nothing between two."""
    low, high = pictures.min(), pictures.max()
    greys = np.rint(255 * (pictures - low) / (high - low)).astype(int)
    framed = np.pad(greys, ((0, 0), (0, 0), (0, 1)), constant_values=-1)
    return np.concatenate(list(framed), axis=1)[:, :-1]


def test_the_first_pictures_are_drawn_and_follow_the_epoch(opened: Browser, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    np.save(tmp_path / "kernels.npy", KERNELS)
    (tmp_path / "mine.py").write_text(SCENARIO, encoding="utf-8")
    (content,) = contents_of(f"{tmp_path}/mine.py", ("torch",))
    write_file(tmp_path / "mine.html", rendered(content, "en"))
    with watching(opened, tmp_path / "mine.html", viewport=WIDE) as watched:
        page = watched.page
        page.locator("#epoch").press("Home")
        watched.settle()
        images, kernels = (page.locator(f"#map .start figure[data-tensor='{name}'] canvas") for name in ("x", "k"))
        expect(images).to_have_attribute(
            "aria-label", "The first 8 pictures in x, in grey: black is their smallest element, white their largest"
        )
        # Each epoch deals the rows in another order, so the rows are looked for among the images.
        first = pixels(images)
        np.testing.assert_array_equal(pixels(kernels), side_by_side(KERNELS[:, 0]))
        dealt = [first[:, 5 * i : 5 * i + 4] for i in range(8)]
        known = [np.rint(255 * image.reshape(4, 4)).astype(int).tolist() for image in IMAGES]
        places = [known.index(picture.tolist()) for picture in dealt]
        assert len(set(places)) == len(places)
        assert (first[:, 4::5] == -1).all()
        page.locator("#epoch").press("End")
        watched.settle()
        assert not np.array_equal(pixels(images), first)
        assert watched.barriers() == []
