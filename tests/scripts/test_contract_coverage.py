"""Reading forge's coverage report."""

import pytest

from scripts.contract_coverage import branch_percent, read_lcov

_REPORT = """TN:
SF:contracts/trace/PinRegistry.sol
DA:10,3
DA:11,0
BRDA:10,0,0,3
BRDA:10,0,1,-
BRDA:12,1,0,0
BRDA:12,1,1,1
end_of_record
SF:tests/contracts/support/World.sol
DA:1,0
BRDA:1,0,0,0
end_of_record
"""


def test_only_the_contracts_count() -> None:
    (only,) = read_lcov(_REPORT.splitlines())
    assert only.path == "contracts/trace/PinRegistry.sol"
    assert (only.lines, only.lines_hit) == (2, 1)


def test_a_branch_never_reached_and_one_never_taken_are_both_missed() -> None:
    (only,) = read_lcov(_REPORT.splitlines())
    assert (only.branches, only.branches_hit, only.missed) == (4, 2, (10, 12))
    assert branch_percent([only]) == pytest.approx(50)


def test_nothing_measured_is_no_success() -> None:
    assert branch_percent(read_lcov([])) == 0
