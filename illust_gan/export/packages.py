"""The two packages that exporting needs and nothing else does."""

import importlib

from packaging.requirements import Requirement

from illust_gan.export.errors import ExportError

# As the extra `export` in pyproject.toml. The first versions that know opset 25.
REQUIREMENTS = ("onnx>=1.20,<2", "onnxruntime>=1.24,<2")


def import_packages():
    """Import onnx, which writes models, and onnxruntime, which draws with them.

    Returns:
        tuple: The two modules.

    Raises:
        ExportError: If one is not there, cannot be loaded, or is too old or too new.
    """
    advice = "pip install " + " ".join(f"'{requirement}'" for requirement in REQUIREMENTS)
    modules = []
    for requirement in map(Requirement, REQUIREMENTS):
        try:
            module = importlib.import_module(requirement.name)
        except ImportError as error:
            missing = isinstance(error, ModuleNotFoundError)
            reason = "is not installed" if missing else f"cannot be loaded ({error})"
            raise ExportError(
                f"exporting to ONNX needs {requirement.name}, which {reason}; {advice}"
            ) from error
        if not requirement.specifier.contains(module.__version__, prereleases=True):
            raise ExportError(
                f"exporting to ONNX needs {requirement}, and {module.__version__} is here; {advice}"
            )
        modules.append(module)
    return tuple(modules)
