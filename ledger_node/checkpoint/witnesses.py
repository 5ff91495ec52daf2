"""Who is asked to cosign a checkpoint before it is published: the port, and nobody (`proofs.md` section 3.2)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ledger_node.domain.checkpoint_note import SignatureLine, SignedNote, cosignatures_of
from ledger_node.domain.log_policy import LogPolicy


class Witnesses(Protocol):
    """Asks all witnesses of the policy at once, each at most five seconds."""

    def cosign(self, note: SignedNote, old_size: int, consistency: Sequence[bytes]) -> Sequence[SignatureLine]:
        """The lines of those that signed. `old_size` is that of the last published note, with the proof from it."""
        ...


class NoWitnesses:
    """One machine, `quorum none`: pages say that nobody independent has looked."""

    def cosign(self, note: SignedNote, old_size: int, consistency: Sequence[bytes]) -> Sequence[SignatureLine]:
        """No lines."""
        return ()


def with_lines(note: SignedNote, lines: Sequence[SignatureLine], policy: LogPolicy) -> SignedNote:
    """The note with those lines of the policy's witnesses that verify, after the ones it has."""
    added: list[SignatureLine] = []
    for key in policy.witnesses.values():
        mine = [line for line in lines if line.name == key.name and line.key_id == key.key_id]
        if mine and cosignatures_of(SignedNote(note.note, note.text, (mine[0],)), key):
            added.append(mine[0])
    return SignedNote(note.note, note.text, (*note.lines, *(line for line in added if line not in note.lines)))


def cosigned_at(note: SignedNote, policy: LogPolicy) -> Mapping[str, int]:
    """When each witness of the policy signed this note, in unix seconds."""
    times: dict[str, int] = {}
    for name, key in policy.witnesses.items():
        if cosignatures := cosignatures_of(note, key):
            times[name] = cosignatures[0].time
    return times
