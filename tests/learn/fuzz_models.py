"""Opens Keras files as the worker does; run as a process of its own, which a fault may end.

    python fuzz_models.py MODEL COUNT

first opens files that were made to do harm, and prints as JSON what came of each, then COUNT spoilt ones, with a line
before each; the process ends at the first one that is neither opened nor refused in words.
"""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import io
import json
import random
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
from fuzzing import SECONDS, forbid, limit_memory, spoil_bytes, spoilt, spoilt_json, watch

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import INFO_MEMBER, read_model_info
from exptool_ml_plugin.learn.model_file import load_model

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def harmful(members: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return archives by what is wrong with them."""

    def with_layer(**changes: object) -> dict[str, bytes]:
        config = json.loads(members[CONFIG])
        dense = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Dense")
        dense["config"] |= changes.pop("config", {})
        dense |= changes
        return members | {CONFIG: json.dumps(config).encode()}

    def with_weights(name: str, **changes: object) -> dict[str, bytes]:
        stream = io.BytesIO(members[WEIGHTS])
        with h5py.File(stream, "r+") as file:
            del file[name]
            file.create_dataset(name, **changes)
        return members | {WEIGHTS: stream.getvalue()}

    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "function"}
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    weights = "layers/dense/vars/0"
    return {
        "lambda": with_layer(module="keras.layers", class_name="Lambda", config={"function": code}),
        "function": with_layer(config={"activation": function}),
        "module": with_layer(module="antigravity", class_name="Dense"),
        "huge layer": with_layer(config={"units": 2_000_000_000}),
        "packed": members | {WEIGHTS: bytes(200 << 20)},
        "other member": members | {"assets/../../evil": b"a"},
        "large array": with_weights(weights, shape=(1 << 16, 1 << 16), maxshape=(None, None), compression="gzip"),
        "other file": with_weights(weights, shape=(64,), dtype="u1", external=[("/etc/passwd", 0, 64)]),
        "no weights": {name: content for name, content in members.items() if name != WEIGHTS},
        "other labels": members | {INFO_MEMBER: members[INFO_MEMBER].replace(b'"swipe"', b'"swipe", "more"')},
    }


def spoil(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    way = rng.randrange(8)
    packing = zipfile.ZIP_STORED
    if way <= 2:
        members[CONFIG] = spoilt_json(members[CONFIG].decode(), rng).encode()
    elif way == 3:
        members[CONFIG] = rng.choice(("[" * 100_000, '{"a":' * 50_000, "9" * 100_000, "{}", "null")).encode()
    elif way == 4:
        members[WEIGHTS] = spoilt_weights(members[WEIGHTS], rng)
    elif way == 5:
        name = rng.choice((CONFIG, WEIGHTS, "metadata.json"))
        members[name] = spoilt(members[name], rng)
    elif way == 6:
        packing = zipfile.ZIP_DEFLATED
        members[rng.choice((CONFIG, WEIGHTS, "metadata.json", "assets/a", "../a"))] = bytes(20 << 20)
    else:
        spoil_bytes(path, rng)
        return
    write(path, members, packing)


def spoilt_weights(content: bytes, rng: random.Random) -> bytes:
    stream = io.BytesIO(content)
    with h5py.File(stream, "r+") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        name, way = rng.choice(names), rng.randrange(6)
        old = file[name]
        shape, dtype = old.shape, old.dtype
        del file[name]
        if way == 0:
            file.create_dataset(name, shape=(1 << 17,) * 3, maxshape=(None,) * 3, dtype="<f8", compression="gzip")
        elif way == 1:
            file.create_dataset(name, shape=shape, dtype=dtype, external=[("/etc/passwd", 0, 1 << 20)])
        elif way == 2:
            file[name] = h5py.ExternalLink("/dev/zero", "/")
        elif way == 3:
            file[name] = rng.choice((np.zeros(3), np.array(b"a"), np.full(shape, np.nan), h5py.Empty("f")))
        elif way == 4:
            file.create_dataset(name, data=["a"], dtype=h5py.string_dtype())
    return stream.getvalue()


def main(model: Path, count: int) -> None:
    original = model.read_bytes()
    info = read_model_info(model)
    frames = np.zeros((2, *info.frame_shape), dtype=np.float32)
    load_model(model, info)(frames)
    with zipfile.ZipFile(model) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    limit_memory()
    sys.addaudithook(forbid)
    for what, changed in harmful(members).items():
        write(model, changed, zipfile.ZIP_DEFLATED)
        told(what, opened(model, frames))
    model.rename(model.with_suffix(".h5"))  # Keras would read it another way, without looking for code
    model.with_suffix(".h5").write_bytes(original)
    told("name", opened(model.with_suffix(".h5"), frames))
    model.write_bytes(original)
    refused = 0
    for number in range(count):
        rng = random.Random(f"keras {number}")
        spoil(model, rng)
        told("file", str(number))
        refused += bool(opened(model, frames))
        model.write_bytes(original)
    told("refused", str(refused))


def opened(model: Path, frames: np.ndarray) -> str:
    """Open and use a file; return what it was refused for, "" where it was not."""
    watch(SECONDS)
    try:
        load_model(model, read_model_info(model))(frames)
    except UserError as error:
        return error.message
    finally:
        watch(0)
    return ""


def told(what: str, message: str) -> None:
    sys.stdout.write(json.dumps([what, message]) + "\n")
    sys.stdout.flush()


def write(path: Path, members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", packing, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
