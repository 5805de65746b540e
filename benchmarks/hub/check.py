#!/usr/bin/env python3
"""Compares the Hub cache of `cacheblend pull` with that of Python's huggingface_hub.

usage: check.py CACHEBLEND ENDPOINT

CACHEBLEND is the command to run (a path), ENDPOINT a server with the repositories of MockHubMain. Checks, with caches in
temporary folders:

1. what `cacheblend pull` wrote is read by huggingface_hub offline;
2. what huggingface_hub wrote is read by `cacheblend pull` without a download, and has the same files;
3. what one left incomplete is completed by the other;
4. errors: both refuse a gated and a missing repository.

Needs the Python package huggingface_hub. Exit status 0: all checks passed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

cacheblend, endpoint = sys.argv[1:]
scratch = Path(tempfile.mkdtemp(prefix="hub-check-"))
for name in list(os.environ):
    if name.startswith("HF_") or name.lower().endswith("_proxy"):
        del os.environ[name]
# Read once, on import. The mock Hub has no Xet protocol; without it, files come from its HTTP bridge.
os.environ |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(scratch / "python"), "HF_HUB_DISABLE_XET": "1",
               "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

import huggingface_hub  # noqa: E402
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache  # noqa: E402

NEEDED = ["config.json", "tokenizer.json", "model.safetensors.index.json", "model-0000?-of-00002.safetensors"]


def pull(cache, *arguments, expected=0, **environment):
    done = subprocess.run([cacheblend, "pull", *arguments], capture_output=True, text=True,
                          env=os.environ | {"HF_HUB_CACHE": str(cache)} | environment, check=False)
    assert done.returncode == expected, done
    return done


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def layout(cache, repository):
    """Paths with the kind of each: link targets, or files. Listings and locks of huggingface_hub's own are left out."""
    root = Path(cache) / repository
    return {str(path.relative_to(root)): os.readlink(path) if path.is_symlink() else "file"
            for path in root.rglob("*") if not path.is_dir() and not {"trees", ".no_exist"} & set(path.parts)}


def check(name, function):
    function(scratch / name.replace(" ", "-"))
    print(f"passed: {name}")


def python_reads_cacheblend(cache):
    folder = Path(pull(cache, "acme/tiny").stdout.strip())
    assert snapshot_download("acme/tiny", cache_dir=cache, local_files_only=True) == str(folder)
    for name in contents(folder):
        assert hf_hub_download("acme/tiny", name, cache_dir=cache, local_files_only=True) == str(folder / name)
    assert "pytorch_model.bin" not in contents(folder)
    absent = try_to_load_from_cache("acme/tiny", "chat_template.jinja", cache_dir=cache)
    assert absent is huggingface_hub.file_download._CACHED_NO_EXIST, absent
    scanned = scan_cache_dir(cache)
    assert not scanned.warnings, scanned.warnings
    (repository,) = scanned.repos
    (revision,) = repository.revisions
    assert repository.repo_id == "acme/tiny" and revision.refs == {"main"}, repository
    data = Path(pull(cache, "--dataset", "acme/data").stdout.strip())
    assert snapshot_download("acme/data", repo_type="dataset", cache_dir=cache, local_files_only=True) == str(data)


def cacheblend_reads_python(cache):
    folder = snapshot_download("acme/tiny", cache_dir=cache, allow_patterns=NEEDED)
    done = pull(cache, "acme/tiny")
    assert done.stdout.strip() == folder and "is complete" in done.stderr, done
    data = snapshot_download("acme/data", repo_type="dataset", cache_dir=cache)
    done = pull(cache, "--dataset", "acme/data")
    assert done.stdout.strip() == data and "is complete" in done.stderr, done


def both_write_the_same(cache):
    pull(cache / "a", "acme/tiny")
    snapshot_download("acme/tiny", cache_dir=cache / "b", allow_patterns=NEEDED)
    ours, theirs = layout(cache / "a", "models--acme--tiny"), layout(cache / "b", "models--acme--tiny")
    assert ours == theirs, ours.items() ^ theirs.items()
    folder = "models--acme--tiny/snapshots"
    assert contents(cache / "a" / folder) == contents(cache / "b" / folder)


def each_completes_the_other(cache):
    hf_hub_download("acme/tiny", "config.json", cache_dir=cache)
    folder = Path(pull(cache, "acme/tiny").stdout.strip())
    assert len(contents(folder)) == 5, contents(folder).keys()
    assert snapshot_download("acme/tiny", cache_dir=cache) == str(folder)
    assert len(contents(folder)) == 7, contents(folder).keys()


def both_refuse(cache):
    for repository, kind, text in [("acme/gated", "GatedRepoError", "is gated"),
                                   ("acme/none", "RepositoryNotFoundError", "check the name")]:
        try:
            snapshot_download(repository, cache_dir=cache)
            raise AssertionError(f"{repository} was not refused")
        except huggingface_hub.errors.HfHubHTTPError as error:
            assert type(error).__name__ == kind, error
        assert text in pull(cache, repository, expected=1).stderr
    pull(cache, "acme/gated", HF_TOKEN="hf_granted")
    snapshot_download("acme/gated", cache_dir=cache, token="hf_granted")


try:
    check("huggingface_hub reads the cache of cacheblend", python_reads_cacheblend)
    check("cacheblend reads the cache of huggingface_hub", cacheblend_reads_python)
    check("both write the same", both_write_the_same)
    check("each completes the other", each_completes_the_other)
    check("both refuse what is gated or missing", both_refuse)
    print(f"all passed with huggingface_hub {huggingface_hub.__version__}")
finally:
    shutil.rmtree(scratch)
