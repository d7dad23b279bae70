"""variable.py:820 reads ``.device`` of an array and takes its lack for the CPU.

NumPy's arrays have that attribute since 2.0, with the value ``"cpu"``, so ``Variable.debug_print``
changed its wording.
"""

WHERE = "chainer.variable"
WHAT = "variable.py:820 takes the lack of array.device for the CPU"


def mend(module):
    """Let ``debug_print`` write CPU again."""
    original = module.Variable.debug_print

    def debug_print(self):
        return original(self).replace("\n- device: cpu\n", "\n- device: CPU\n")

    debug_print.__doc__ = original.__doc__
    module.Variable.debug_print = debug_print
