"""A whole report: a Markdown file with its plots beside it, and an HTML file with all inside."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from mien_bench.reports.blocks import Block, Plot

MARKDOWN, HTML = "report.md", "report.html"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Block]

    def markdown(self) -> str:
        """Return it under a heading of the second level."""
        return "\n\n".join([f"## {self.title}", *(block.markdown() for block in self.blocks)])


@dataclass(frozen=True, slots=True)
class Page:
    """A report."""

    title: str
    intro: Sequence[Block]
    sections: Sequence[Section]

    def markdown(self) -> str:
        """Return the whole report; plots are referred to."""
        top = [f"# {self.title}", *(block.markdown() for block in self.intro)]
        return "\n\n".join([*top, *(section.markdown() for section in self.sections)]) + "\n"

    def html(self) -> str:
        """Return the whole report in one file that asks no other host for anything."""
        parser = MarkdownIt("commonmark", {"html": False}).enable("table")
        body = parser.render(self.markdown())
        for plot in self.plots():
            encoded = base64.b64encode(plot.svg.encode()).decode()
            body = body.replace(f'src="{plot.file}"', f'src="data:image/svg+xml;base64,{encoded}"')
        environment = Environment(
            loader=PackageLoader("mien_bench.reports"), autoescape=True, undefined=StrictUndefined
        )
        return environment.get_template("page.html").render(title=self.title, body=body)

    def plots(self) -> list[Plot]:
        """Return every plot, in the order in which they are shown."""
        blocks = [*self.intro, *(block for section in self.sections for block in section.blocks)]
        return [block for block in blocks if isinstance(block, Plot)]

    def write(self, folder: Path) -> None:
        """Write both forms and the plots, and remove plots that are no longer shown."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.svg"):
            old.unlink()
        for plot in self.plots():
            (folder / plot.file).write_text(plot.svg, encoding="utf-8")
        (folder / MARKDOWN).write_text(self.markdown(), encoding="utf-8")
        (folder / HTML).write_text(self.html(), encoding="utf-8")
