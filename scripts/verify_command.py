"""`tidemark verify FILE…`: checks proof bundles and evidence files offline, and says in words what they prove.

Exit: 0 verified · 1 some answer is no · 2 malformed · 3 only "cannot tell" · 4 two pasts, evidence written · 5 cannot
read or reach. Of several files the worst counts.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ledger_node.chain.rpc import Node
from ledger_node.domain.checkpoint_note import SignedNote, parse_note
from ledger_node.domain.network import Network
from ledger_node.domain.strict_json import write_canonical
from ledger_node.errors import BundleWrong, ChainError, EvidenceExists, KeptFileWrong, NetworkFileWrong, NoteMalformed
from ledger_node.proof.against_node import compare_with_node
from ledger_node.proof.bundle_reader import read_bundle
from ledger_node.proof.content_at_hand import altered_contents
from ledger_node.proof.evidence import evidence_of, is_evidence, judge_evidence
from ledger_node.proof.findings import MALFORMED, TWO_PASTS, UNREADABLE, VERIFIED, Role, Say, Verification
from ledger_node.proof.kept import KeptCheckpoints
from ledger_node.proof.sentences import catalogue, question_text, step_text
from ledger_node.proof.verify import verify
from ledger_node.store.evidence import write_evidence

MAXIMUM_FILE_BYTES: Final = (1 << 20) + 1
_WORST_FIRST: Final = (4, 2, 1, 5, 3, 0)
_MARKS: Final = {
    Say.YES: "[green]✓ yes[/]",
    Say.NO: "[bold red]✗ no[/]",
    Say.CANNOT_TELL: "[yellow]? cannot tell[/]",
}
_WORDS: Final = {
    0: "[bold green]Verified.[/]",
    1: "[bold red]Not true: at least one answer is no.[/]",
    2: "[bold red]This is not a well-formed proof.[/]",
    3: "[bold yellow]Not refuted, but not everything could be decided.[/]",
    4: "[bold red]The log has shown two different pasts.[/]",
    5: "[bold red]It could not be read or reached.[/]",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: the exit code and the JSON object about it."""

    file: str
    exit: int
    body: dict[str, Any]
    verification: Verification | None = None


def register(app: typer.Typer) -> None:
    """Adds the command to `tidemark`."""
    app.command(name="verify")(verify_files)


def verify_files(
    files: Annotated[list[Path], typer.Argument(help="Bundles (*.tidemark.json) or evidence files.", metavar="FILE…")],
    network: Annotated[Path, typer.Option(help="The network file: whom you trust.")] = Path("network.json"),
    rpc: Annotated[str, typer.Option(help="A node to ask whether the pins are on its chain now.")] = "",
    content: Annotated[Path | None, typer.Option(help="A folder with the files that records name.")] = None,
    role: Annotated[Role, typer.Option(help="Whose questions must be answered.")] = Role.CONSUMER,
    kept: Annotated[Path | None, typer.Option(help="Where checkpoints are kept between runs.")] = None,
    evidence: Annotated[Path, typer.Option(help="Where evidence of two pasts is written.")] = Path("evidence"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Checks proofs offline, step by step, trusting only the network file."""
    console = Console(highlight=False)
    try:
        anchor = Network.parse(network.read_bytes())
        if content is not None:
            os.scandir(content).close()
    except NetworkFileWrong as error:
        outcomes = [_unreadable(str(file), f"the network file {network}: {error}") for file in files]
    except OSError as error:
        outcomes = [_unreadable(str(file), f"{error.filename or network}: {error.strerror or error}") for file in files]
    else:
        run = _Run(anchor, rpc, content, role, KeptCheckpoints(kept or default_kept_file()), evidence)
        outcomes = [run.check(file) for file in files]
        if not as_json:
            console.print(f"[dim]Network {escape(anchor.name)}, file {anchor.sha256}[/]")
    for outcome in outcomes:
        if as_json:
            print(json.dumps(outcome.body, ensure_ascii=False))
        else:
            _show(console, outcome)
    sys.exit(next(code for code in _WORST_FIRST if any(outcome.exit == code for outcome in outcomes)))


def default_kept_file() -> Path:
    """`tidemark/checkpoints.json` where this user's programs keep their state."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "tidemark" / "checkpoints.json"


@dataclass(frozen=True, slots=True)
class _Run:
    network: Network
    rpc: str
    content: Path | None
    role: Role
    kept: KeptCheckpoints
    evidence: Path

    def check(self, file: Path) -> Outcome:
        try:
            with file.open("rb") as opened:
                data = opened.read(MAXIMUM_FILE_BYTES)
        except OSError as error:
            return _unreadable(str(file), str(error))
        if is_evidence(data):
            return self._judge(file, data)
        try:
            return self._verify(file, data)
        except (KeptFileWrong, ChainError, NetworkFileWrong) as error:
            return _unreadable(str(file), str(error))

    def _verify(self, file: Path, data: bytes) -> Outcome:
        note, old = _notes(data)
        kept = None if note is None else self.kept.get(self.network, note.note.origin)
        now = datetime.now(UTC)
        found = verify(data, self.network, now=now, kept=kept)
        further: list[dict[str, Any]] = []
        code = found.exit_code(self.role)
        evidence = ""
        if code == TWO_PASTS and note is not None:
            try:
                evidence = str(self._write_evidence(note, old, kept, data, now))
            except (OSError, EvidenceExists) as error:
                further.append(_further_step("evidence", False, "evidence_unwritten", f"Not written: {error}"))
        elif code != MALFORMED:
            further = self._further(data)
            if any(not one["ok"] for one in further):
                code = 1
        if note is not None and found.answers[4].answer is Say.YES:
            self.kept.put(self.network, note)
        return Outcome(str(file), code, _body(file, found, code, further, evidence), found)

    def _further(self, data: bytes) -> list[dict[str, Any]]:
        """What a folder of files and a node add to the file itself."""
        bundle = read_bundle(data)
        found: list[dict[str, Any]] = []
        if self.content is not None:
            altered = altered_contents(bundle, self.content)
            said = f"The file {altered[0]} is not the one recorded." if altered else "Files at hand are those recorded."
            found.append(_further_step("content", not altered, "content_altered", said))
        if self.rpc:
            with Node(self.rpc) as node:
                wrong = compare_with_node(bundle, self.network, node)
            found.append(
                _further_step("node", wrong is None, "pin_foreign", wrong or "The node's chain has these events.")
            )
        return found

    def _write_evidence(
        self, note: SignedNote, old: SignedNote | None, kept: SignedNote | None, data: bytes, now: datetime
    ) -> Path:
        path = read_bundle(data).consistency or ()
        pairs: list[tuple[SignedNote | None, SignedNote | None, Sequence[bytes]]] = [
            (old, note, path), (kept, note, ()), (kept, old, ())
        ]  # fmt: skip
        there = [(one, two, nodes) for one, two, nodes in pairs if one is not None and two is not None]
        # The file must convict by itself: of the notes at hand, the two that contradict each other.
        convicting = [pair for pair in there if _convicts(*pair, self.network)]
        first, second, nodes = [*convicting, *there, (note, note, ())][0]
        kind, parts = evidence_of(first, second, nodes)
        return write_evidence(
            self.evidence,
            kind=kind,
            network=self.network.name,
            says=f"{note.note.origin} signed two pasts",
            found_at_ms=int(now.timestamp() * 1000),
            notes=[first.whole(), second.whole()],
            parts=parts,
        )

    def _judge(self, file: Path, data: bytes) -> Outcome:
        try:
            found = judge_evidence(data, self.network)
        except BundleWrong as wrong:
            body = {"file": str(file), "verified": False, "exit": MALFORMED, "code": wrong.code, "sentence": str(wrong)}
            return Outcome(str(file), MALFORMED, body)
        code = TWO_PASTS if found.convicts else 3
        body = {"file": str(file), "verified": False, "exit": code, "evidence": found.kind, "sentence": found.why}
        return Outcome(str(file), code, body)


def _convicts(old: SignedNote, note: SignedNote, path: Sequence[bytes], network: Network) -> bool:
    kind, parts = evidence_of(old, note, path)
    text = {
        "tidemark_evidence": 1,
        "kind": kind,
        "network": network.name,
        "notes": [old.whole(), note.whole()],
        "parts": parts,
        "says": "",
        "found_at": "",
    }
    return judge_evidence(write_canonical(text), network).convicts


def _notes(data: bytes) -> tuple[SignedNote | None, SignedNote | None]:
    """The bundle's checkpoint and old checkpoint, where they can be read."""
    try:
        bundle = read_bundle(data)
        old = None if bundle.old_checkpoint is None else parse_note(bundle.old_checkpoint)
        return parse_note(bundle.checkpoint), old
    except (BundleWrong, NoteMalformed):
        return None, None


def _further_step(name: str, ok: bool, code: str, sentence: str) -> dict[str, Any]:
    return {"step": name, "ok": ok, "code": None if ok else code, "sentence": sentence}


def _unreadable(file: str, why: str) -> Outcome:
    return Outcome(file, UNREADABLE, {"file": file, "verified": False, "exit": UNREADABLE, "sentence": why})


def _body(file: Path, found: Verification, code: int, further: list[dict[str, Any]], evidence: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "file": str(file),
        "verified": code == VERIFIED,
        "exit": code,
        "kind": None if found.kind is None else str(found.kind),
        "answers": [
            {
                "question": one.question,
                "answer": str(one.answer),
                "code": one.code,
                "sentence": one.sentences["en"].replace("Evidence: .", f"Evidence: {evidence}."),
                "sentence_zh": one.sentences["zh"].replace("证据：。", f"证据：{evidence}。"),
            }
            for one in found.answers
        ],
        "steps": [
            {"step": one.step, "ok": one.ok, "code": one.code, "sentence": one.sentences.get("en", "")}
            for one in found.steps
        ]
        + further,
        "facts": dict(found.facts),
    }
    if evidence:
        body["evidence"] = evidence
    return body


def _show(console: Console, outcome: Outcome) -> None:
    console.print(f"\n[bold]{escape(outcome.file)}[/]")
    if outcome.verification is None:
        console.print(f"{_WORDS[outcome.exit]} {escape(outcome.body['sentence'])}")
        return
    steps = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for row in outcome.body["steps"]:
        mark = {True: "[green]✓[/]", False: "[bold red]✗[/]", None: "[yellow]·[/]"}[row["ok"]]
        name = step_text(row["step"])["en"] if isinstance(row["step"], int) else row["step"]
        said = f"[red]{row['code']}[/] {escape(row['sentence'])}" if row["code"] else escape(row["sentence"])
        steps.add_row(mark, str(row["step"]), name, said)
    console.print(Padding(steps, (0, 0, 1, 2)))
    answers = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for row in outcome.body["answers"]:
        said = escape(row["sentence"]) + (f" [dim]({row['code']})[/]" if row["code"] else "")
        answers.add_row(str(row["question"]), question_text(row["question"])["en"], _MARKS[Say(row["answer"])], said)
    console.print(Padding(answers, (0, 0, 1, 2)))
    console.print(_WORDS[outcome.exit])
    if "evidence" in outcome.body:
        console.print(f"Evidence: {escape(outcome.body['evidence'])}")
    console.print(f"[dim]{catalogue()['limits']['en']}[/]")
