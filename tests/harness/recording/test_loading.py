"""A user's file runs as a program of its own would."""

import subprocess
import sys
from pathlib import Path


def test_a_file_may_import_chainer_without_more(tmp_path: Path) -> None:
    """In a process of its own, where nothing has imported it."""
    (tmp_path / "mine.py").write_text(
        "import chainer.links\nimport chainer.testing\nLINK = chainer.links.Linear(2, 3)\n"
    )
    code = (
        "from pathlib import Path\n"
        "from harness.guarding.guest import Guest\n"
        "from harness.recording.loading import load_file\n"
        "print(load_file(Path('mine.py'), 'file', Guest()).LINK.W.shape)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (answer.stdout, answer.returncode) == ("(3, 2)\n", 0), answer.stderr
