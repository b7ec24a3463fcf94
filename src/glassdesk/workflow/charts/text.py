"""How wide a text is, without a font library: advance widths of the font the pictures ship with."""

from __future__ import annotations

FONT = "DejaVu Sans"

ASCENT = 0.78
"""Height above the baseline that letters and digits take, in font sizes."""
DESCENT = 0.24

# Thousandths of the font size for the printable ASCII characters from the space on.
_REGULAR = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 "
    "636 636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 "
    "603 787 695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 "
    "634 278 278 579 278 974 634 612 635 635 411 521 392 634 592 818 592 592 525 636 337 636 838"
)
_BOLD = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 "
    "696 696 400 400 838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 "
    "733 850 770 720 682 812 774 1103 771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 "
    "712 343 343 665 343 1042 712 687 716 716 493 595 478 712 652 924 645 652 582 712 365 712 838"
)
_OTHERS = {"·": 380, "▲": 769, "▼": 769}
_WIDEST = 1103


def _table(widths: str) -> dict[str, int]:
    return {chr(32 + index): int(width) for index, width in enumerate(widths.split())} | _OTHERS


_WIDTHS = {False: _table(_REGULAR), True: _table(_BOLD)}


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels from the first character's left to the last one's right; an unknown character counts widest."""
    widths = _WIDTHS[bold]
    return sum(widths.get(character, _WIDEST) for character in text) * size / 1000


def fitting(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """`text`, or as much of its beginning as fits into `width` pixels together with two points."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "..", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + ".."
