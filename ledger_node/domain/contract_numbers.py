"""Numbers to which the contracts give names: roles, kinds of party, powers of wallets, flags of streams.

Solidity says them in `contracts/access/Roles.sol`, `contracts/party/Types.sol` and `contracts/trace/Types.sol`; a test
compares.
"""

from enum import IntEnum, IntFlag
from typing import Final


class Role(IntEnum):
    """What people and services hold in LedgerAccess."""

    ADMIN = 0
    PARTY_ADMIN = 1
    REGISTRAR = 2
    METROLOGY = 10
    STREAM_ADMIN = 11


class PartyKind(IntFlag):
    """Kinds of party."""

    PRODUCER = 1
    CARRIER = 2
    WHOLESALER = 4
    MARKET = 8
    MERCHANT = 16
    LAB = 32
    REGULATOR = 64
    BANK = 128
    AUDITOR = 256
    ORACLE = 512
    COLLECTOR = 1024
    CERTIFIER = 2048
    METROLOGY = 4096


class StreamFlag(IntFlag):
    """How a stream's pins are kept and counted."""

    KEEP_ROOTS = 1
    UNSUMMED = 2


ALL_POWERS: Final = 0xFF
"""Every power that a wallet can have for its party."""
