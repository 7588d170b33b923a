"""Writes the fixtures of this folder with NumPy, h5py and pandas, so that the readers are tested on what others write.

The expected values stand in the tests as formulas: value i of an array is base(i) = (i * i - 7 * i + 1.5) / 8, exact in half
precision and bfloat16 for the few i used here, and i itself (or i - 3 where signed) for whole numbers.
"""
import gzip
import json
import os
import struct

import h5py
import numpy as np
import pandas as pd

here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


def base(n):
    i = np.arange(n, dtype=np.float64)
    return (i * i - 7 * i + 1.5) / 8


def npy():
    # One .npz holds an array for each element type, so that the folder stays small.
    arrays = {}
    for name in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
        arrays["type_" + name.replace("<", "little_").replace(">", "big_")] = base(6).astype(name)
    for name in ["i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"]:
        key = "type_" + name.replace("<", "little_").replace(">", "big_")
        arrays[key] = (np.arange(6) - 3).astype(name)
    for name in ["u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"]:
        arrays["type_" + name.replace("<", "little_").replace(">", "big_")] = np.arange(6).astype(name)
    arrays["flags"] = np.array([True, False, True])
    arrays["words"] = np.array(["pyr", "pv", "naïve"])
    arrays["bytes"] = np.array([b"pyr", b"pv", b""])
    arrays["fortran_2d"] = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    arrays["fortran_3d"] = np.asfortranarray(np.arange(24, dtype=np.float64).reshape(2, 3, 4))
    arrays["fortran_words"] = np.asfortranarray(np.array([["a", "b"], ["c", "d"]]))
    arrays["scalar"] = np.array(2.5)
    arrays["empty"] = np.zeros((0, 4))
    arrays["huge_integer"] = np.array([1, 2**53 + 1])
    arrays["complex"] = np.array([1 + 2j])
    arrays["when"] = np.array(["2024-01-01"], dtype="datetime64[D]")
    arrays["structured"] = np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])
    np.savez_compressed(path("arrays.npz"), **arrays)
    np.savez(path("stored.npz"), before=base(4).astype(np.float32), after=base(4).astype(np.float32) + 1)

    np.save(path("float32.npy"), base(5).astype(np.float32))
    np.save(path("pickled.npy"), np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with open(path("version2.npy"), "wb") as f:
        np.lib.format.write_array(f, base(3), version=(2, 0))
    with open(path("version3.npy"), "wb") as f:
        np.lib.format.write_array(f, base(3), version=(3, 0))
    with open(path("float64.npy.gz"), "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as f:
        np.save(f, base(5).reshape(5, 1))


def safetensors():
    # Written from the format's description: header length, JSON, bytes. bfloat16 is the upper half of a single.
    single = base(6).astype("<f4")
    parts = {
        "f64": ("F64", base(6).astype("<f8").tobytes(), [2, 3]),
        "f32": ("F32", single.tobytes(), [6]),
        "f16": ("F16", base(6).astype("<f2").tobytes(), [6]),
        "bf16": ("BF16", (single.view("<u4") >> 16).astype("<u2").tobytes(), [3, 2]),
        "i8": ("I8", (np.arange(6) - 3).astype("i1").tobytes(), [6]),
        "i16": ("I16", (np.arange(6) - 3).astype("<i2").tobytes(), [6]),
        "i32": ("I32", (np.arange(6) - 3).astype("<i4").tobytes(), [6]),
        "i64": ("I64", (np.arange(6) - 3).astype("<i8").tobytes(), [6]),
        "u8": ("U8", np.arange(6).astype("u1").tobytes(), [6]),
        "u16": ("U16", np.arange(6).astype("<u2").tobytes(), [6]),
        "u32": ("U32", np.arange(6).astype("<u4").tobytes(), [6]),
        "u64": ("U64", np.arange(6).astype("<u8").tobytes(), [6]),
        "flags": ("BOOL", bytes([1, 0, 1]), [3]),
        "scalar": ("F32", np.float32(2.5).tobytes(), []),
        "empty": ("F32", b"", [0, 4]),
        "eight": ("F8_E4M3", bytes(4), [4]),
    }
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (kind, content, shape) in parts.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path("tensors.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def hdf5():
    with h5py.File(path("datasets.h5"), "w", track_order=True) as f:
        f["w0"] = base(6)
        g = f.create_group("layer/inner")
        g["single"] = base(6).astype("f4").reshape(2, 3)
        g["half"] = base(6).astype("f2")
        g["big_endian"] = base(6).astype(">f8")
        g.create_dataset("packed", data=base(6), chunks=(4,), compression="gzip", shuffle=True, fletcher32=True)
        for name in ["i1", "i2", "i4", "i8"]:
            f[name] = (np.arange(6) - 3).astype(name)
        for name in ["u1", "u2", "u4", "u8", ">u2"]:
            f[name.replace(">", "big_")] = np.arange(6).astype(name)
        f["flags"] = np.array([True, False, True])
        f["words"] = ["pyr", "pv", "naïve"]
        f["bytes"] = np.array([b"pyr", b"pv", b""])
        f["scalar"] = 2.5
        f["empty"] = h5py.Empty("f8")
        f["no_rows"] = np.zeros((0, 4))
        f["compound"] = np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])
        f["link"] = h5py.SoftLink("/w0")
        f["dangling"] = h5py.SoftLink("/nowhere")
        f["layer/self"] = h5py.SoftLink("/layer")
    # As MATLAB writes: 512 bytes of its own first.
    with h5py.File(path("userblock.mat"), "w", userblock_size=512) as f:
        f["w"] = base(4)
    with open(path("userblock.mat"), "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file, written for a test".ljust(512, b" "))


def spikes():
    # The layout of NWB: all units' spike times one after the other, and where each unit's end.
    with h5py.File(path("units.nwb"), "w") as f:
        f["units/id"] = np.array([7, 8, 11])
        f["units/spike_times"] = np.array([0.25, 0.5, 0.125, 1.0, 1.5])
        f["units/spike_times_index"] = np.array([2, 2, 5], dtype="u1")


def tables():
    frame = pd.DataFrame({
        "synapse": [1, 2, 3, 4],
        "cell": ["pyr", "pv, \"fast\"", "naïve", ""],
        "before": [0.1, 1e-300, np.nan, 12345.678901234567],
        "after": [0.2, -np.inf, 3.0, 2.2250738585072014e-308],
    })
    frame.to_csv(path("pandas.csv"), index=False)
    frame.to_csv(path("pandas.tsv"), index=True, sep="\t", na_rep="NA")
    with open(path("pandas.csv.gz"), "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as f:
        f.write(frame.to_csv(index=False, sep=";").encode("utf-8-sig"))
    frame.to_csv(path("utf16.txt"), index=False, encoding="utf-16", lineterminator="\r\n")


if __name__ == "__main__":
    npy()
    safetensors()
    hdf5()
    spikes()
    tables()
