"""What Scripts/benchmark needs before it measures: the peers' virtual environment, the data, and compiled programs."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parent
ROOT = PEERS.parent.parent
# What a user may have set for the sake of something else, and what halves the speed of OpenBLAS where it is wrong.
UNSET = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]


def say(text):
    print(text, file=sys.stderr, flush=True)


def stop(status, problem, remedy):
    say(f"error: {problem}\n  {remedy}")
    raise SystemExit(status)


def environment(threads, cache=None):
    """The environment of every contestant."""
    variables = {name: value for name, value in os.environ.items() if name not in UNSET}
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
        variables[name] = str(threads)
    if cache:
        # What torch.compile has compiled once is there in the next turn.
        variables["TORCHINDUCTOR_CACHE_DIR"] = str(cache)
    return variables


def pinned(threads):
    """A function that holds a child process to `threads` cores, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, cores)


def venv_python(folder):
    return Path(folder).expanduser().resolve() / "bin" / "python"


def prepare_venv(folder, as_it_is):
    """The interpreter of the virtual environment, with the peers' packages in it."""
    folder = Path(folder).expanduser().resolve()
    python = venv_python(folder)
    wanted = hashlib.sha256((PEERS / "requirements.txt").read_bytes()).hexdigest()
    note = folder / "equipoise-requirements.sha256"
    if as_it_is or (note.is_file() and note.read_text() == wanted):
        return python
    say(f"Installing the packages of Scripts/peers/requirements.txt into {folder} (PyTorch is large) …")
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, stdout=sys.stderr)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "-r", PEERS / "requirements.txt"],
            check=True, stdout=sys.stderr)
    except (subprocess.CalledProcessError, OSError) as problem:
        stop(69, f"the virtual environment cannot be made: {problem}",
             "On Debian: apt-get install python3-venv. The versions are those for Python 3.11 or later.")
    note.write_text(wanted)
    return python


def write_data(python, path):
    """Writes the training rows as .npz for the Python peers and .bin for C; says which they are."""
    source = os.environ.get("EQUIPOISE_DATA")
    arguments = [path, source] if source else [path]
    subprocess.run([python, PEERS / "write_data.py", *arguments], check=True, stdout=sys.stderr)
    return "adult" if source else "random rows of Adult's shape and sparsity"


def compiled(name, folder, libraries):
    """Compiles a C program for this machine; None where that is not possible. Swift's clang comes first."""
    compiler = next((found for found in ["clang", "cc", "gcc"] if shutil.which(found)), None)
    if compiler is None:
        return None
    options = ["-O3", "-march=native", "-ffp-contract=fast"]
    # Compilers split vectors of 512 bits where they deem that better; these programs ask for them on purpose.
    wide = ["-mprefer-vector-width=512"] if os.uname().machine in ["x86_64", "AMD64"] else []
    binary = Path(folder) / name
    command = [compiler, *options, *wide, PEERS / f"{name}.c", *libraries, "-lm", "-o", binary]
    return binary if subprocess.run(command).returncode == 0 else None


def openblas_flags():
    """The compiler's flags for OpenBLAS, or None."""
    if not shutil.which("pkg-config"):
        return None
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "openblas"], capture_output=True, text=True)
    return flags.stdout.split() if flags.returncode == 0 else None


def swift_product(name, skips_build=False):
    """Builds an executable of this package, or takes it as it was built; None where that is not possible."""
    product = ROOT / ".build" / "release" / name
    if skips_build:
        return product if product.is_file() else None
    say(f"Building {name} …")
    built = subprocess.run(
        ["swift", "build", "--package-path", ROOT, "-c", "release", "--product", name],
        capture_output=True, text=True) if shutil.which("swift") else None
    if built is None or built.returncode != 0:
        say("swift is not on the PATH" if built is None else built.stdout + built.stderr)
        return None
    return product
