"""Files are written whole, where links lead, with the permissions they had; devices and pipes as they are."""

import os
import stat
import threading
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.files import check_writable, write_file


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_new_file_has_the_permissions_that_any_program_would_give_it(tmp_path: Path, umask: int) -> None:
    write_file(tmp_path / "new", "text\n")
    assert (tmp_path / "new").read_text() == "text\n"
    assert permissions(tmp_path / "new") == 0o666 & ~umask
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_file_that_is_replaced_keeps_its_permissions(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text("old")
    path.chmod(mode)
    inode = path.stat().st_ino
    write_file(path, b"new")
    assert (path.read_bytes(), permissions(path)) == (b"new", mode)
    assert path.stat().st_ino != inode  # a reader of the old one goes on reading it


def test_a_file_that_nobody_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("kept")
    path.chmod(0o444)
    with pytest.raises(InputError, match=r"can't write .*/kept: it is read-only"):
        check_writable(path)
    with pytest.raises(InputError, match=r"can't write .*/kept: it is read-only"):
        write_file(path, "new")
    assert path.read_text() == "kept"


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing yet"])
def test_a_link_is_followed(exists: bool, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target"
    if exists:
        target.write_text("old")
    (tmp_path / "link").symlink_to(Path("folder") / "target")
    (tmp_path / "link of a link").symlink_to("link")
    check_writable(tmp_path / "link of a link")
    write_file(tmp_path / "link of a link", "new")
    assert target.read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "link of a link").is_symlink()


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    check_writable(path)
    reader = threading.Thread(target=lambda: read.append(path.read_text()))
    reader.start()
    write_file(path, "text" * 100_000)
    reader.join()
    assert read == ["text" * 100_000]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_pipe_may_lose_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def read_a_little() -> None:
        with path.open("rb", buffering=0) as file:
            file.read(1)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    write_file(path, "text" * 100_000)
    reader.join()


def test_an_open_file_descriptor_is_written_to_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w+b") as file:
        file.write(b"before ")
        file.flush()
        for name in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}"):
            check_writable(Path(name))
            write_file(Path(name), "text ")
        link = tmp_path / "link"
        link.symlink_to(f"/dev/fd/{file.fileno()}")
        write_file(link, "end")
        file.seek(0)
        assert file.read() == b"before text text end"


def test_stdout_is_what_the_command_writes_to(capsys: pytest.CaptureFixture[str]) -> None:
    print("before")
    write_file(Path("/dev/stdout"), "text\n")
    assert capsys.readouterr().out == "before\ntext\n"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (".", "it is a folder"),
        ("missing/file", "there is no folder"),
        ("file/beneath", "there is no folder"),
        ("long" * 100, "File name too long"),
        ("nu\0l", "embedded null"),
        ("ring", "its links lead to each other"),
        ("/dev/fd/9999", "Bad file descriptor"),
    ],
)
def test_what_can_not_be_written_is_said(name: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(InputError, match=f"can't write .*{problem}"):
        write_file(tmp_path / name, "text")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "ring"}


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old"
    path.write_text("old")

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["old"]
