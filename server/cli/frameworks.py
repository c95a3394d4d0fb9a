"""Commands about the frameworks of skills that badges stand for."""

from pathlib import Path

import click

from server.cli.instance import open_instance
from server.frameworks.importing import Report, import_file


@click.group("frameworks")
def frameworks() -> None:
    """The frameworks of skills and competences that badges can stand for."""


@frameworks.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)  # fmt: skip
def import_files(files: tuple[Path, ...]) -> None:
    """Bring all of ESCO in, from its own CSV files, in as many languages as you have (https://esco.ec.europa.eu).

    Skills: skills_en.csv, skills_nl.csv, … Where they stand: skillsHierarchy_en.csv, skillGroups_en.csv,
    transversalSkillsCollection_en.csv, broaderRelationsSkillPillar_en.csv. Safe while serving, and as often as
    you like: the same file changes nothing the second time. Ends with 1 when rows were left out.
    """
    app, _ = open_instance()
    with app.app_context():
        reports = [_import(path) for path in sorted(files, key=_words_first)]
    if any(report.left_out for report in reports):
        raise SystemExit(1)


def _words_first(path: Path) -> bool:
    """Places are told of skills that are known by then."""
    return path.name.startswith("broaderRelations")


def _import(path: Path) -> Report:
    with click.progressbar(length=path.stat().st_size, label=path.name) as bar:
        report = import_file(path, lambda reached: bar.update(reached - bar.pos))
    click.echo(f"{path.name}: {report.rows:,} rows read, {report.changed:,} terms new or changed.")
    for line, why in report.refused:
        click.secho(f"  line {line}: {why}", fg="yellow", err=True)
    if report.left_out > len(report.refused):
        click.secho(f"  … and {report.left_out - len(report.refused):,} more.", fg="yellow", err=True)
    return report
