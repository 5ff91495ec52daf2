"""What the API is told at its door; nothing here is read from the environment."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from api.register import MarketRegister

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`public_url` is what QR codes carry, without a trailing slash; `log_folder` holds the published log's files.

    `demo` says on every page that the market is replayed from public data sets.
    """

    market: str
    public_url: str
    log_folder: Path
    register: MarketRegister = field(default_factory=MarketRegister)
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    static_folder: Path = STATIC
    ingest_url: str | None = None
    demo: bool = False
    body_limit_bytes: int = 1 << 20
    live_clients: int = 256
