"""`exptool-ml batch`: many sessions made anew, relabelled, resampled, merged or split; none of them is changed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from . import output

if TYPE_CHECKING:
    from ..workbench.batch import FileReport

SPLITS = ("recording", "person", "place", "label")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "batch",
        help="process many sessions in one go",
        description="Make new sessions of sessions, in this order: frames made anew by a recipe, relabelled, merged, "
        "resampled, varied, split. The sessions themselves stay as they are.",
    )
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="session file (.h5)")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder for the new sessions")
    parser.add_argument("--recipe", metavar="RECIPE", help="make the frames anew with this recipe file or shipped one")
    parser.add_argument(
        "--relabel",
        nargs="+",
        type=_rule,
        default=[],
        metavar="OLD=NEW",
        help="give frames another label; * in OLD stands for any text, nothing after = removes the frames",
    )
    parser.add_argument("--merge", type=_name, metavar="NAME", help="make one session of all, NAME.h5")
    parser.add_argument(
        "--resample",
        type=_count,
        metavar="N|balance",
        help="frames to keep of each label, or as many as the rarest has",
    )
    parser.add_argument(
        "--variants",
        type=_number,
        default=0,
        metavar="N",
        help="keep N variants of each frame beside it, within the limits of the recipe's augmentation",
    )
    parser.add_argument("--split-by", choices=SPLITS, default="", help="write a session for each of them")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="start of the random choices")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do it, say of every file what became of it, and sum up."""
    from ..plugins import load_plugins
    from ..workbench.batch import Batch, BatchPlan
    from .inputs import read_recipe, say_problems

    plan = BatchPlan(
        recipe=read_recipe(options.recipe) if options.recipe else None,
        relabel=tuple(options.relabel),
        merge=options.merge or "",
        resample=options.resample,
        split_by=options.split_by,
        seed=options.seed,
        variants=options.variants,
    )
    plugins = load_plugins()
    say_problems(plugins)
    batch = Batch(plan, Path(options.out), plugins.parts, step=output.Percent("Working").step)
    reports = batch.run([Path(path) for path in options.sessions], _tell)
    _sum_up(reports, as_json=options.json)


def _tell(report: FileReport) -> None:
    for note in report.notes:
        output.progress(f"{report.name}: {note}")
    for path, counts in report.written.items():
        listed = ", ".join(f"{label} {count}" for label, count in counts.items())
        output.progress(f"{report.name}: {sum(counts.values())} frames ({listed}) written to {path}.")
    if report.problem is not None:
        output.progress(f"{report.name}: not done. {' '.join(str(report.problem).split())}")


def _sum_up(reports: list[FileReport], *, as_json: bool) -> None:
    written = [path for report in reports for path in report.written]
    failed = [report for report in reports if report.problem is not None]
    if not written:
        raise UserError(
            f"Expected at least one session that can be processed. Received: {len(failed)}, none of which could.",
            "The lines above say why.",
        )
    document = {
        "files": [_described(report) for report in reports],
        "written": len(written),
        "failed": len(failed),
        "frames": sum(sum(counts.values()) for report in reports for counts in report.written.values()),
    }
    said = f"{document['frames']} frames written to {len(written)} files."
    if failed:
        said += f" Not done: {', '.join(report.name for report in failed)}."
    output.result(document, said, as_json=as_json)


def _described(report: FileReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "written": [{"session": str(path), "frames_per_label": counts} for path, counts in report.written.items()],
        "notes": report.notes,
        "problem": None if report.problem is None else str(report.problem),
    }


def _rule(text: str) -> tuple[str, str]:
    old, separator, new = text.partition("=")
    if not separator or not old.strip():
        raise argparse.ArgumentTypeError(f"expected OLD=NEW; received {text}")
    return old.strip(), new.strip()


def _name(text: str) -> str:
    name = text.removesuffix(".h5")
    if not name or Path(name).name != name:
        raise argparse.ArgumentTypeError(f"expected a name without folders; received {text}")
    return name


def _count(text: str) -> int | str:
    return text if text == "balance" else _number(text, "a whole number from 1, or balance")


def _number(text: str, expected: str = "a whole number from 1") -> int:
    if not text.isascii() or not text.isdigit() or int(text[:12]) == 0:
        raise argparse.ArgumentTypeError(f"expected {expected}; received {text}")
    return int(text)
