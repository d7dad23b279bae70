"""``illust-gan``: finds the command, runs it, and turns mistakes into one sentence."""

import contextlib
import errno
import importlib
import os
import sys
import warnings

import click

import illust_gan
from illust_gan.errors import UserError, UserNotice

_COMMANDS = {
    "convert": "write a snapshot in the other format",
    "dataset": "make, pack and look at sets of pictures",
    "directions": "find, name and apply directions along which faces change",
    "doctor": "say what is installed, mended and missing",
    "export": "write a generator for programs without Chainer",
    "generate": "draw faces from a snapshot",
    "inspect": "say what a snapshot holds",
    "mix": "draw face A - face B + face C",
    "models": "list the trained generators that come along",
    "neighbours": "draw a face and what lies around it",
    "project": "find the face that is most like a picture",
    "serve": "look at a page that export web wrote",
    "train": "train a generator on a data set",
    "walk": "walk through faces and back, as a strip or an animation",
}

_FILES = {"convert": "snapshot", "inspect": "snapshot"}

# TensorFlow reads its own checkpoints, and else would log how it may compute, and where not.
_QUIET_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _module(command):
    return importlib.import_module(f"illust_gan.commands.{_FILES.get(command, command)}")


class _LazyGroup(click.Group):
    """Imports a command's file only when it is called: ``--help`` need not load Chainer."""

    def list_commands(self, ctx):
        return list(_COMMANDS)

    def get_command(self, ctx, name):
        if name not in _COMMANDS:
            return None
        return getattr(_module(name), name)

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(illust_gan.__version__, prog_name="illust-gan")
def cli():
    """Train Chainer's face generators of 2015, load their snapshots, draw faces."""


def main(arguments=None):
    """Run the command line and return its exit code.

    Args:
        arguments (list of str): What follows ``illust-gan``; ``sys.argv[1:]`` if omitted.

    Returns:
        int: 0 when done, 2 after a mistake in what was given (told in one sentence on stderr),
        130 after Ctrl-C.
    """
    os.environ.update({**_QUIET_TENSORFLOW, **os.environ})
    try:
        with _telling_notices():
            return cli.main(arguments, prog_name="illust-gan", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 2
    except click.ClickException as error:
        message = error.format_message()
        if isinstance(error, click.UsageError) and error.ctx is not None:
            message += f" (see {error.ctx.command_path} --help)"
    except UserError as error:
        message = str(error)
    except (click.Abort, KeyboardInterrupt):
        print("illust-gan: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:
        if error.filename is not None:
            message = f"{error.filename}: {error.strerror}"
        elif error.errno in _NO_ROOM:
            # Chainer's LogReport, for one, writes through files that carry no name.
            message = f"a file could not be written ({error.strerror}); make room and go on"
        else:
            raise
    print(f"illust-gan: {message}", file=sys.stderr)
    return 2


@contextlib.contextmanager
def _telling_notices():
    """Show what the package has to say of a file as a line, without a place in its code."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell(message, category, *place, **more):
            if issubclass(category, UserNotice):
                print(f"illust-gan: {message}", file=sys.stderr)
            else:
                show(message, category, *place, **more)

        warnings.showwarning = tell
        warnings.simplefilter("always", UserNotice)
        yield


if __name__ == "__main__":
    sys.exit(main())
