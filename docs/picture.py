"""Makes the README's picture from what a command printed, as an SVG of the terminal.

relaybeat windows --limit 12 | python docs/picture.py "relaybeat windows" docs/img/windows.svg
"""

import io
import re
import sys
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

STATES = {
    "on air": "bold green",
    "placed": "green",
    "placing": "yellow",
    "retrying": "yellow",
    "failed": "bold red",
    "missed": "bold red",
    "ended": "dim",
}

WIDTH = 120

command, target = sys.argv[1:]
lines = [
    line if cell_len(line) <= WIDTH else set_cell_size(line, WIDTH - 1) + "…"
    for line in sys.stdin.read().splitlines()
]
console = Console(record=True, width=max(map(cell_len, lines)) + 2, file=io.StringIO())
console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
for line in lines:
    text = Text(line)
    for state, style in STATES.items():
        text.highlight_regex(rf"(?<=  ){state}\b", style)
    console.print(text)
svg = console.export_svg(title="Relaybeat")
# The fonts that rich names live on a third party's server; the reader's own will do.
Path(target).write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), encoding="utf-8")
