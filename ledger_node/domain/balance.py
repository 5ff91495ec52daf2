"""Mass balance of one lot at one merchant (`traceability.md` section 7, `market.md` section 2). Grams, exact.

Nothing is refused, for it has happened: the record that crosses the line is accepted with the mark BALANCE_OVER.
"""

from dataclasses import dataclass
from typing import Final

_ABSOLUTE_GRAMS: Final = 50
FRESH_FISH_PERMILLE: Final = 20
"""Live and iced fish lose water between scales; other goods have 5."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What came in and went out; `divisions_grams` sums the scale divisions of all weighings, each half a one off."""

    in_grams: int = 0
    out_grams: int = 0
    divisions_grams: int = 0

    def received(self, grams: int, division_grams: int = 0) -> "Balance":
        """After an intake, a transfer in, or a return."""
        return Balance(self.in_grams + grams, self.out_grams, self.divisions_grams + division_grams)

    def gave(self, grams: int, division_grams: int = 0) -> "Balance":
        """After a sale, waste, or a transfer out."""
        return Balance(self.in_grams, self.out_grams + grams, self.divisions_grams + division_grams)

    def tolerance_grams(self, permille: int = FRESH_FISH_PERMILLE) -> int:
        """How much more may go out than came in before it is said."""
        return max(_ABSOLUTE_GRAMS, self.in_grams * permille // 1000) + self.divisions_grams // 2

    def is_over(self, permille: int = FRESH_FISH_PERMILLE) -> bool:
        """Whether more went out than can have come in."""
        return self.out_grams > self.in_grams + self.tolerance_grams(permille)

    def left_grams(self) -> int:
        """What should be there still; not below 0."""
        return max(0, self.in_grams - self.out_grams)
