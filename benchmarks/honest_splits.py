"""How much a random split flatters on real recordings: hand gestures, trained with an honest and a random split.

    python benchmarks/honest_splits.py [--data ../shared/data/a121_gesture] [--hop 10] [--seeds 0 1 2] [--epochs N]

Two recordings of each of four gestures, features and network of the shipped recipe "gesture". Frames are cut in two
ways: one for every burst of motion, as the recipe says, and one every HOP readings, as a continuous trigger does, so
that neighbours share most of their readings. Of each, `exptool-ml train --compare-splits` holds out whole recordings,
and then as many frames at random. The table says how many frames trained, how much of those held out leaks, and how
many of them are predicted right, as a mean over the seeds, which also draw the splits.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from exptool_ml_plugin.core.recipe import Recipe, TriggerChoice
from exptool_ml_plugin.core.resources import find_recipe

GESTURES = ("double_tap_in", "tap_in", "tap_out", "wiggle")
DATA = Path(os.environ.get("EXPTOOL_ML_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "a121_gesture"
SIDES = {"honest": "By recording", "random": "Random frames"}


def exptool_ml(*arguments: object) -> Any:
    """Run a command line and return its answer."""
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"exptool-ml {arguments[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(recipe: Recipe, options: argparse.Namespace, folder: Path) -> list[Any]:
    """Cut frames with a recipe, and train once with each seed."""
    folder.mkdir()
    (folder / "recipe.json").write_text(recipe.to_json())
    recordings = [options.data / f"label_{name}_idx_{index}.h5" for name in GESTURES for index in (1, 2)]
    session, own = folder / "session.h5", ("--recipe", folder / "recipe.json")
    exptool_ml("extract", *recordings, *own, "--label-from", r"label_(.+)_idx_\d+", "--out", session)
    answers = []
    for seed in options.seeds:
        more = ("--seed", seed, "--validation", 0.2, "--split", "recording", "--compare-splits", *options.more)
        answers.append(exptool_ml("train", session, *own, "--out", folder / str(seed), *more))
        accuracies = {side: answers[-1][side]["val_accuracy"] for side in SIDES}
        print(f"  seed {seed}: honest {accuracies['honest']:.1%}, random {accuracies['random']:.1%}", flush=True)
    return answers


def table(cut: str, answers: list[Any]) -> list[str]:
    """Return a row for each split."""
    rows = []
    for side, title in SIDES.items():
        mean = {
            name: statistics.fmean(answer[side][name] for answer in answers)
            for name in ("trained", "leakage", "val_accuracy")
        }
        judged = statistics.fmean(answer[side]["leaking"]["frames"] for answer in answers)
        rows.append(
            f"| {cut} | {title} | {mean['trained']:,.0f} | {judged:,.0f} | {mean['leakage']:.1%} "
            f"| {mean['val_accuracy']:.1%} |"
        )
    return rows


def main() -> None:
    """Train with both ways to cut frames and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--hop", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int)
    options = parser.parse_args()
    options.more = () if options.epochs is None else ("--epochs", options.epochs)
    recipe = Recipe.from_json(find_recipe("gesture").read_text())
    often = replace(recipe, trigger=TriggerChoice("continuous", {"hop": options.hop}))
    cuts = {"every burst of motion": recipe, f"every {options.hop} readings": often}
    rows = ["| Frames cut at | Split | Trains | Validates | Leakage | Accuracy |", "|---|---|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        for number, (cut, own) in enumerate(cuts.items()):
            print(f"Frames cut at {cut}:", flush=True)
            rows += table(cut, compare(own, options, Path(folder) / str(number)))
    print("\n".join(rows))


if __name__ == "__main__":
    main()
