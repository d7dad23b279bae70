"""What a run is to do: what was asked for, the recipe's values for the rest, and what is fixed."""

import os

import illust_gan
from illust_gan.errors import UserError
from illust_gan.nets import NAMES, RECIPES
from illust_gan.training.run_folder import RunFolder

_DEFAULTS = {
    "device": "-1",
    "precision": "float32",
    "graph": True,
    "seed": 0,
    "preload": False,
    "snapshot_interval": 500,
    "sheet_interval": 100,
}
_FROM_RECIPE = ("batchsize", "alpha", "gen_updates", "std")
# Changing one of these would make another run of it.
_INITIAL = ("init_gen", "init_dis", "init_gen_optimizer", "init_dis_optimizer")
_FIXED = ("net", "held_out", "batchsize", "seed", "std", *_INITIAL)
_FLAGS = {
    "std": "--init-std",
    **{name: f"--{name.replace('_', '-')}" for name in ("held_out", *_INITIAL)},
}
# Options that runs by earlier versions lack, and what they did.
_LATER = {
    # The recipe's number of updates goes for None.
    **dict.fromkeys((*_INITIAL, "chainer_version", "held_out", "gen_updates")),
    "preload": False,
    "precision": "float32",
    "graph": True,
}


def new(given):
    """Resolve the options of a new run.

    Args:
        given (dict): The options of ``illust-gan train`` by name; None where one was not given.

    Returns:
        dict: The same names with every value filled in (one of ``epoch`` and ``iterations`` stays
        None), and the version of this package.

    Raises:
        UserError: If net or data are missing, or two lengths are given.
    """
    _check_length(given)
    for name, wanted in (("net", NAMES), ("data", "a data set's .npy")):
        if given[name] is None:
            raise UserError(
                f"--{name} is missing; give --{name} with {wanted} "
                "(or --resume with --out to go on with a run)"
            )
    recipe = RECIPES[given["net"]]
    defaults = {
        **_DEFAULTS,
        **{name: getattr(recipe, name) for name in _FROM_RECIPE},
        "epoch": 100 if given["iterations"] is None else None,
    }
    options = {k: defaults.get(k) if v is None else v for k, v in given.items()}
    return {**options, "illust_gan": illust_gan.__version__}


def new_folder(options, out=None):
    """Return the folder of a new run: ``out``, or the next free one under ``results``.

    Args:
        options (dict): From :func:`new`.
        out (str): As given with ``--out``, or None.

    Returns:
        RunFolder: Not created yet.
    """
    if out is not None:
        return RunFolder(out)
    stem = os.path.splitext(os.path.basename(options["data"]))[0]
    return RunFolder.numbered("results", f"{options['net']}-{stem}")


def find_run(out=None, snapshot=None):
    """Find the folder to go on in, and the snapshot to go on from.

    Args:
        out (str): The run's folder; that of the snapshot if omitted.
        snapshot (str): A snapshot's path; the newest whole one of the folder if omitted.

    Returns:
        tuple: :class:`RunFolder`, or None for a snapshot that lies in no run's folder; the
        snapshot's path; and the broken ones that were passed over: name → what is wrong (dict).

    Raises:
        UserError: If neither is given, or there is no run or no whole snapshot.
    """
    if snapshot is None:
        if out is None:
            raise UserError(
                "--resume alone does not say which run; add --out RUN, or give --resume FILE"
            )
        folder = RunFolder(out)
        folder.load_options()
        return folder, *folder.newest_whole_snapshot()
    if not os.path.isfile(snapshot):
        raise UserError(f"--resume {snapshot} is no file; give a run's snapshot_iter_N")
    if out is not None:
        return RunFolder(out), snapshot, {}
    folder = RunFolder(os.path.dirname(snapshot) or ".")
    return (folder if folder.holds_run() else None), snapshot, {}


def resumed(folder, given):
    """Resolve the options of a run that goes on.

    Args:
        folder (RunFolder): The run's.
        given (dict): As for :func:`new`.

    Returns:
        dict: The run's options, with those replaced that were given and may change.

    Raises:
        UserError: If an option is given that would make another run of it.
    """
    _check_length(given)
    options = {**_LATER, **folder.load_options()}
    for name in given.keys() - options.keys():
        raise UserError(
            f"{folder.options_path} lacks {name!r}; mend it by hand, or begin a new run"
        )
    for name in _FIXED:
        if given[name] is not None and given[name] != options[name]:
            flag = _FLAGS.get(name, f"--{name}")
            has = "none" if options[name] is None else options[name]
            raise UserError(
                f"{flag} {given[name]} does not fit: the run in {folder.path} has "
                f"{has}; leave {flag} away, or begin a new run"
            )
    if given["epoch"] is not None or given["iterations"] is not None:
        options["epoch"] = options["iterations"] = None
    options.update({k: v for k, v in given.items() if v is not None})
    return options


def _check_length(given):
    if given["epoch"] is not None and given["iterations"] is not None:
        raise UserError("--epoch and --iterations both give the length; give one of them")
