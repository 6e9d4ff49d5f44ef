"""The exact difference of two figures that are sums, and what the sums of any units make of it. The parts add up.

With N and D the sums behind two values (N ÷ D), Rm the mean of the two values and Dm that of the two denominators,

    Rb − Ra = (ΔN − Rm · ΔD) ÷ Dm

(from Rb·Db − Ra·Da = (Rb − Ra)·Dm + Rm·(Db − Da)). The right side is a sum over units, so that each unit has a share in the
difference that depends on no order of steps: (Δnum − Rm · Δden) ÷ Dm. For counts the difference is ΔN itself. Sums are whole
numbers and shares fractions: nothing is rounded before it is printed.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cxreports.definitions.definition import MetricHeader

Pair = tuple[int | Decimal, int | Decimal | None]


@dataclass(frozen=True)
class Difference:
    """`whole` is the difference in the metric's unit; what one unit of numerator and of denominator is worth of it."""

    whole: Fraction
    mean_value: Fraction
    mean_den: Fraction

    @classmethod
    def of(cls, a: Pair, b: Pair, header: MetricHeader) -> "Difference | None":
        """From a to b, each numerator and denominator; None where a value has no denominator."""
        (num_a, den_a), (num_b, den_b) = ((int(num), int(den or 0)) for num, den in (a, b))
        scale = header.scale
        if header.kind == "count":
            return cls(Fraction(num_b - num_a, scale), Fraction(0), Fraction(scale))
        if not den_a or not den_b:
            return None
        of_a, of_b = Fraction(num_a, den_a), Fraction(num_b, den_b)
        return cls((of_b - of_a) / scale, (of_a + of_b) / 2, Fraction(den_a + den_b, 2) * scale)

    def share(self, num: int, den: int) -> Fraction:
        """What so much more numerator and denominator makes of the difference."""
        return (num - self.mean_value * den) / self.mean_den
