"""Questions to a store: groups, conditions, and nothing but reading."""

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.sweeping.query import grouped, numbers_of
from harness.sweeping.store import Store
from tests.harness.sweeping.stored import rows, work


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "runs.db"
    with Store(path) as store:
        store.append(*rows(work(), seeds=2, lr=[0.1, 0.01]))
    return path


def counts(path: Path, by: list[str], where: str = "") -> dict[tuple[object, ...], int]:
    groups = grouped(path, by, where)
    runs = len(by) + groups.aggregates.index("runs")
    return {row[: len(by)]: row[runs] for row in groups.rows}


def test_groups_by_columns_and_settings(path: Path) -> None:
    assert counts(path, ["scenario", "dtype"]) == {
        (scenario, dtype): 4 for scenario in ("two_layer_tiny", "xor") for dtype in ("float32", "float64")
    }
    assert counts(path, ["lr"]) == {(0.01,): 8, (0.1,): 8}
    assert counts(path, ["N_H"]) == {(None,): 8, (2,): 8}  # xor has none


def test_outcomes_add_up(path: Path) -> None:
    (row,) = grouped(path, ["command"]).rows
    named = dict(zip(grouped(path, ["command"]).aggregates, row[1:], strict=True))
    assert named["runs"] == 16
    assert named["agree"] + named["drift"] + named["disagree"] + named["inconclusive"] + named["crashed"] == 16
    assert named["checks"] > 0


def test_conditions(path: Path) -> None:
    assert counts(path, ["seed"], "lr > 0.05 and scenario = 'xor'") == {(0,): 2, (1,): 2}
    assert counts(path, ["seed"], "verdict = 'disagree'") == {}
    assert len(numbers_of(path, "dtype = 'float64'")) == 8
    assert numbers_of(path) == list(range(1, 17))


@pytest.mark.parametrize(
    "where",
    [
        "lr >",
        "nothing = 1",
        "1) UNION SELECT 1 --",
        "1; DROP TABLE runs",
        "load_extension('x') = 1",
        "(DELETE FROM runs)",
        "1 = (SELECT count(*) FROM pragma_database_list)",
        "'unfinished",
    ],
)
def test_conditions_that_are_none(path: Path, where: str) -> None:
    before = counts(path, ["scenario"])
    with pytest.raises(InputError, match="--where"):
        grouped(path, ["scenario"], where)
    assert counts(path, ["scenario"]) == before


def test_a_column_that_is_none(path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no column 'verdit'; did you mean 'verdict'\?"):
        grouped(path, ["verdit"])
