"""Which columns a table may have, and how the heading of a file names them, in Chinese or in English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

from shared.core.errors import Fault, InvalidError
from shared.core.words import Pair
from shared.tables.rows import Mark, TableRow, cell_name, heading_names

UNNAMED, IGNORED = "", "-"
"""Instead of a column's name: one without heading, in which nothing may stand, and one that is not read."""
SHOWN = 5
"""So many faults stand in the sentence; all are in the list."""
HEADING_FAULTS: Mapping[Mark, tuple[str, str]] = {
    "hidden": ("表头行被隐藏,请取消隐藏", "the row of the headings is hidden: unhide it"),
    "hidden_column": ("该列被隐藏,请取消隐藏或删除", "this column is hidden: unhide or delete it"),
    "beyond": ("该单元格右侧超出可读取的列,请删除", "this is further right than is read: delete it"),
    "formula": ("表头是公式,请改为文字", "this heading is a formula: write it as text"),
    "merged": ("表头是合并单元格,请取消合并", "this heading is merged with another: take them apart"),
}


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of table: by name their Chinese headings, and which of them a file must have."""

    titles: Mapping[str, str]
    required: Sequence[str]
    _: KW_ONLY
    advice: Pair
    """Where to see how it should be."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other headings that people write, each with the name that it stands for."""
    ignored: Sequence[str] = ()
    """Headings of columns that are not read."""

    @cached_property
    def by_heading(self) -> Mapping[str, str]:
        """Names by each way to write a heading."""
        said = [
            *((name, f"{zh}/{name}") for name, zh in self.titles.items()),
            *((name, heading) for heading, name in self.aliases.items()),
            *((IGNORED, heading) for heading in self.ignored),
        ]
        return {part: name for name, heading in said for part in heading_names(heading)}

    def heading_of(self, name: str) -> str:
        """As files of this platform name a column, in both languages."""
        return f"{self.titles[name]} / {name}"

    def of(self, heading: TableRow) -> list[str]:
        """The names of the file's columns, in its order; raises `InvalidError` that names each wrong or missing one."""
        cells = list(heading.cells)
        while cells and not cells[-1].strip():
            cells.pop()
        names = [self._name(cell) for cell in cells]
        faults = []
        for place, mark in heading.marks:
            if mark in HEADING_FAULTS:
                zh, en = HEADING_FAULTS[mark]
                at = cell_name(place, heading.number)
                faults.append(Fault("/file", f"{at}:{zh}", f"{at}: {en}"))
        for place, (cell, name) in enumerate(zip(cells, names, strict=True)):
            if name is None:
                at, said = cell_name(place, heading.number), " ".join(cell.split())[:60]
                faults.append(Fault("/file", f"{at}:没有“{said}”这一列,请删除", f"{at}: there is no column '{said}'"))
        faults += self._repeated(heading.number, names)
        faults += [
            Fault(
                "/file",
                f"缺少“{self.titles[name]} ({name})”一列,请补充",
                f"the column {self.titles[name]} ({name}) is missing",
            )
            for name in self.required
            if name not in names
        ]
        if faults:
            shown = faults[:SHOWN]
            raise InvalidError(
                "columns_wrong",
                f"文件的列不符:{';'.join(item.zh for item in shown)}。{self.advice.zh}",
                f"The columns are wrong: {'; '.join(item.en for item in shown)}. {self.advice.en}",
                faults,
            )
        return [name or UNNAMED for name in names]

    def _name(self, cell: str) -> str | None:
        """None for an unknown heading, also for one that names two columns."""
        found = {self.by_heading.get(part) for part in heading_names(cell)}
        return found.pop() if len(found) == 1 else None if found else UNNAMED

    def _repeated(self, row: int, names: Sequence[str | None]) -> Iterator[Fault]:
        first: dict[str, int] = {}
        for place, name in enumerate(names):
            if name and name in self.titles and first.setdefault(name, place) != place:
                at, before = cell_name(place, row), cell_name(first[name], row)
                yield Fault(
                    "/file",
                    f"{at}:“{self.titles[name]}”一列已在 {before},请删除一列",
                    f"{at}: the column '{self.titles[name]}' stands in {before} already: delete one",
                )
