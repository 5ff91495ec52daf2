"""Enrolments are hashed as the device registry hashes them."""

from ledger_node.domain.enrolment import DEVICE_ENROLMENT_TYPE


def test_the_type_hash_is_the_specifications() -> None:
    expected = "1b91752724312f24884e74df90ef015634887293a181088b2cf9b7043be140c6"
    assert DEVICE_ENROLMENT_TYPE.type_hash.hex() == expected
