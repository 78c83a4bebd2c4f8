"""Opens files with faults, one after another; run as a process of its own, since a fault may end it.

    python fuzzing.py FOLDER KIND FIRST COUNT

prints a line before and after each file; the process ends at the first one that is not refused in words.
"""

from __future__ import annotations

import io
import json
import random
import resource
import shutil
import signal
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from exptool_ml_plugin.core.data_set import load_data_set
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.import_arrays import read_arrays
from exptool_ml_plugin.core.label_sheet import read_label_sheet
from exptool_ml_plugin.core.layer_catalog import LAYERS
from exptool_ml_plugin.core.model_file import INFO_MEMBER, LITERT_MEMBER
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.layer_file import load_layers

MEMORY = 500 << 20
SECONDS = 5
FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "pickle.find_class",
    "socket.connect",
)
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**200, 1e308, float("nan"), "", "x" * 100_000, "../../etc/passwd", [], {}, [[]],
    {"": None}, ["a", 1, None], 0.5, "__import__('os').system('true')", {"class_name": "Lambda"}, "\ud800",
)  # fmt: skip


def read_session(path: Path) -> None:
    session = load_session(path)
    float(np.nansum(session.values)), session.counts()
    for recording in session.recordings:
        for index in range(len(recording.matrices)):
            recording.matrices[index].sum()


def read_model(folder: Path) -> None:
    predictor = Predictor(folder / "model.keras")
    predictor.predict(np.zeros(predictor.info.frame_shape, dtype=np.float32))


def read_run(folder: Path) -> None:
    run = RunFolder.open(folder)
    run.recipe(), run.history(), run.result()
    float(np.nansum(run.data().values))


READERS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "session": (lambda folder: read_session(folder / "session.h5"), ("session.h5",)),
    "a111_session": (lambda folder: read_session(folder / "a111_session.h5"), ("a111_session.h5",)),
    "model": (read_model, ("model.keras",)),
    "run": (
        read_run,
        (
            "recipe.json",
            "split.json",
            "recordings.json",
            "result.json",
            "history.csv",
            "labels.npy",
            "frames.npy",
            "subset_of.npy",
            "recording_of.npy",
        ),
    ),
    "layers": (
        lambda folder: void(load_layers(folder / "layers.yaml", {kind.key: kind for kind in LAYERS})),
        ("layers.yaml",),
    ),
    "sheet": (lambda folder: void(read_label_sheet(folder / "sheet.csv")), ("sheet.csv",)),
    "table": (lambda folder: void(read_arrays(folder / "frames.csv")), ("frames.csv",)),
    "arrays": (lambda folder: void(read_arrays(folder / "frames.npz")), ("frames.npz",)),
    "data_set": (lambda folder: void(load_data_set(folder / "set.json")), ("set.json",)),
}


def void(_: object) -> None:
    return


def spoil(path: Path, rng: random.Random) -> None:
    ways: list[Callable[[Path, random.Random], None]] = [spoil_bytes]
    if path.suffix == ".json":
        ways += [spoil_json, spoil_json, deep_json]
    if path.suffix == ".h5":
        ways += [spoil_hdf5, spoil_hdf5]
    if path.suffix == ".keras":
        ways += [spoil_member, spoil_member, bomb]
    if path.suffix == ".yaml":
        ways += [spoil_yaml]
    if path.suffix == ".csv":
        ways += [spoil_cells]
    if path.suffix == ".npz":
        ways += [spoil_member, spoil_array, spoil_array]
    rng.choice(ways)(path, rng)


def spoil_bytes(path: Path, rng: random.Random) -> None:
    path.write_bytes(spoilt(path.read_bytes(), rng))


def spoilt(content: bytes, rng: random.Random) -> bytes:
    data = bytearray(content)
    way, at = rng.randrange(5), rng.randrange(max(1, len(data)))
    if way == 0:
        del data[at:]
    elif way == 1:
        for _ in range(rng.randint(1, 20)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == 2:
        data[at : at + rng.randint(1, 64)] = rng.randbytes(rng.randint(0, 64))
    elif way == 3:
        data[at : at + 8] = rng.choice((b"\xff" * 8, b"\x00" * 8, b"\x7f" * 8))
    else:
        data[at:at] = data[: rng.randint(0, 400)]
    return bytes(data)


def spoil_json(path: Path, rng: random.Random) -> None:
    path.write_text(spoilt_json(path.read_text(), rng))


def spoilt_json(text: str, rng: random.Random) -> str:
    document = json.loads(text)
    places = list(containers(document))
    if not places:
        return json.dumps(rng.choice(ODD))
    for _ in range(rng.randint(1, 3)):
        place = rng.choice(places)
        key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key] = rng.choice(ODD)
    return json.dumps(document)


def containers(node: Any) -> Any:
    if isinstance(node, (dict, list)) and node:
        yield node
        for child in node.values() if isinstance(node, dict) else node[:20]:
            yield from containers(child)


def deep_json(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(("[" * 200_000, '{"a":' * 200_000, "[" * 500 + "]" * 500, "9" * 100_000)))


def spoil_hdf5(path: Path, rng: random.Random) -> None:
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        group = file.get("exptool_ml", file)
        group.visit(names.append)
        name = rng.choice(names)
        old = group[name]
        texts = old[()] if isinstance(old, h5py.Dataset) and old.shape == () else None
        way = rng.randrange(9)
        if way == 0:
            schema = group if group is not file else file["exptool_ml.recipe"]
            schema.attrs["schema"] = rng.choice((0, 2, -1, "one", 1.5, [1, 2], b"\xff"))
            return
        del group[name]
        if way == 1 and isinstance(texts, bytes):
            try:
                group[name] = spoilt_json(texts.decode(), rng)
            except ValueError:
                group[name] = spoilt(texts, rng).replace(b"\0", b"?")
        elif way == 2:
            group.create_dataset(name, shape=(10**12, 64, 48), dtype="<f4", chunks=(1, 64, 48))
        elif way == 3:
            group.create_dataset(name, shape=(1 << 17,) * 3, maxshape=(None,) * 3, dtype="<i8", compression="gzip")
        elif way == 4:
            group[name] = rng.choice((np.zeros(3), np.array(["a"], "S1"), 7, np.zeros((2, 2, 2), "?"), np.nan))
        elif way == 5:
            group[name] = h5py.ExternalLink("/dev/zero", "/")
        elif way == 6:
            layout = h5py.VirtualLayout(shape=(10, 8, 3), dtype="<f4")
            layout[:] = h5py.VirtualSource("/nowhere.h5", "a", shape=(10, 8, 3))
            group.create_virtual_dataset(name, layout)
        elif way == 7:
            group[name] = h5py.SoftLink("/exptool_ml")
        elif way == 8:
            group[name] = np.zeros((1 << 27,), dtype="u1") if rng.random() < 0.02 else h5py.Empty("f")


def spoil_member(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(members))
    if name == INFO_MEMBER and rng.random() < 0.8:
        members[name] = spoilt_json(members[name].decode(), rng).encode()
    else:
        members[name] = spoilt(members[name], rng)
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)


def spoil_cells(path: Path, rng: random.Random) -> None:
    lines = [line.split(",") for line in path.read_text().splitlines()]
    for _ in range(rng.randint(1, 3)):
        cells = rng.choice(lines)
        cells[rng.randrange(len(cells))] = rng.choice(
            ("", "-1", "nan", "1e999", "9" * 400, str(2**63), str(2**31), '"', 'a"b', "\x00", "=1+1", "x" * 100_000)
        )
    path.write_text("\n".join(",".join(cells) for cells in lines))


def spoil_array(path: Path, rng: random.Random) -> None:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    name = rng.choice(list(arrays))
    old, way = arrays.pop(name), rng.randrange(7)
    odd = rng.choice((-1, 2**31, 2**40, 2**62, 1e30, np.nan))
    if way == 0:
        arrays[name] = np.full(old.shape, odd)
    elif way == 1:
        arrays[name] = np.zeros(rng.choice(((), (0,), (3, 0, 2), (1,) * 9, (old.size + 1,))))
    elif way == 2:
        arrays[name] = rng.choice((np.array(["a"]), np.array([b"\xff"]), np.array([True]), np.array(1j)))
    elif way == 3:
        arrays[name] = np.array([{"a": print}], dtype=object)
    elif way == 4:
        arrays[name] = np.zeros(40 << 20, dtype=np.uint8) if rng.random() < 0.02 else np.array("9" * 100_000)
    elif way == 5:
        arrays[name] = old.astype("S8" if old.dtype.kind == "U" else "<M8[s]")
    np.savez_compressed(path, **arrays)


def bomb(path: Path, rng: random.Random) -> None:
    name = rng.choice((INFO_MEMBER, LITERT_MEMBER))
    shutil.copy(path.with_name(f"bomb_{name}"), path)


def spoil_yaml(path: Path, rng: random.Random) -> None:
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    listed = "- " + laughs.replace("\n", "\n  ")
    path.write_text(
        rng.choice(
            (
                laughs,
                listed,
                listed + "name: conv2d\n  params: *a39",
                listed + "name: dropout\n  params: {rate: *a39}",
                "[" * 5000,
                "- " * 3000 + "x",
                "- !!python/object/apply:os.system ['true']",
                "- {name: conv2d, params: {filters: !!python/name:os.system }}",
                "- {name: conv2d, params: {filters: 99999999999999999999999, kernel_size: [.inf, .nan]}}",
                "- &a [*a]",
                "- &a {name: conv2d, params: *a}",
                "- {name: 2001-01-01, class: 3, params: [1]}",
                "- ? {a: 1}\n  : b",
                "- {name: dropout, params: {rate: " + "9" * 5000 + "}}",
            )
        )
    )


def make_bombs(folder: Path) -> None:
    zeros = bytes(1 << 20)
    for name in (INFO_MEMBER, LITERT_MEMBER):
        with zipfile.ZipFile(folder / "model.keras") as archive:
            others = {other: archive.read(other) for other in archive.namelist() if other != name}
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for other, data in others.items():
                archive.writestr(other, data)
            with archive.open(name, "w", force_zip64=True) as member:
                for _ in range(700):
                    member.write(zeros)
        (folder / f"bomb_{name}").write_bytes(content.getvalue())


def limit_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def watch(seconds: int) -> None:
    """End the process after so many seconds of its own work, or much later by the clock, as on a busy machine."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(20 * seconds)


def forbid(event: str, _: object) -> None:
    if event in FORBIDDEN:
        sys.stdout.write(f"executed {event}\n")
        sys.stdout.flush()
        signal.raise_signal(signal.SIGKILL)


def main(folder: Path, kind: str, first: int, count: int) -> None:
    read, names = READERS[kind]
    originals = {name: (folder / name).read_bytes() for name in names}
    read(folder)  # the files are good, and everything needed is imported
    limit_memory()
    sys.addaudithook(forbid)
    warnings.simplefilter("error")
    refused = 0
    for number in range(first, first + count):
        rng = random.Random(f"{kind} {number}")
        name = rng.choice(names)
        spoil(folder / name, rng)
        sys.stdout.write(f"{number} {name}\n")
        sys.stdout.flush()
        watch(SECONDS)
        try:
            with np.errstate(all="ignore"):  # sums of odd numbers, here
                read(folder)
        except UserError:
            refused += 1
        watch(0)
        (folder / name).write_bytes(originals[name])
    sys.stdout.write(f"done {refused}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
