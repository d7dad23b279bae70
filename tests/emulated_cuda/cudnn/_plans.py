"""The plans of a graph: the part of ``cudnn.pygraph`` that proposes and chooses them."""

from cudnn._types import build_plan_policy, cudnnGraphNotSupportedError, numerical_note

# Numerical notes and sizes of workspace. All compute the same; the first is never the smallest,
# so that who asks for no workspace gets another plan.
PLANS = (
    ((numerical_note.TENSOR_CORE,), 4096),
    ((numerical_note.TENSOR_CORE, numerical_note.NONDETERMINISTIC), 0),
    ((numerical_note.TENSOR_CORE,), 0),
    ((), 1 << 20),
)


class Planning:
    """The methods of a graph that choose a plan."""

    def create_execution_plans(self, heuristics):
        """Propose plans."""
        if not isinstance(heuristics, list) or not heuristics:
            raise TypeError("create_execution_plans(): incompatible function arguments")
        if not self._finalized:
            raise cudnnGraphNotSupportedError(
                "Empty operation graph provided. Did you forget to call "
                "graph.build_operation_graph()?"
            )
        self._plans = list(range(len(PLANS)))

    def deselect_numeric_notes(self, notes):
        """Leave out plans with some notes."""
        self._barred_notes += notes

    def select_numeric_notes(self, notes):
        """Keep only plans with some notes."""
        self._barred_notes += [note for note in numerical_note if note not in notes]

    def deselect_behavior_notes(self, notes):
        """Leave out plans with some notes; none has any."""

    def select_behavior_notes(self, notes):
        """Keep only plans with some notes; not kept."""

    def deselect_engines(self, names):
        """Leave out some engines; none has such a name."""

    def deselect_workspace_greater_than(self, size):
        """Leave out plans that need more bytes."""
        self._most = size

    def _allowed(self, index):
        notes, size = PLANS[index]
        return not set(notes) & set(self._barred_notes) and (
            self._most is None or size <= self._most
        )

    def check_support(self):
        """Raise :class:`cudnnGraphNotSupportedError` if no plan is left."""
        if not any(self._allowed(index) for index in self._plans or ()):
            raise cudnnGraphNotSupportedError("No valid engine configs for the graph")

    def build_plans(self, policy=build_plan_policy.HEURISTICS_CHOICE):
        """Build the first plan that is left, or all."""
        self.check_support()
        allowed = [index for index in self._plans if self._allowed(index)]
        chosen = allowed if policy is build_plan_policy.ALL else allowed[:1]
        self._built = dict.fromkeys(chosen)

    def build_plan_at_index(self, index):
        """Build one plan."""
        if not 0 <= index < self.get_execution_plan_count() or not self._allowed(index):
            raise cudnnGraphNotSupportedError(f"Plan at index {index} cannot be built")
        self._built[index] = None

    def build(self, heuristics):
        """Do all of it."""
        self.validate()
        self.build_operation_graph()
        self.create_execution_plans(heuristics)
        self.check_support()
        self.build_plans()

    def get_execution_plan_count(self):
        """Return how many plans were proposed."""
        return len(self._plans or ())

    def get_plan_name_at_index(self, index):
        """Return a plan's name."""
        return f"emulated_{index}"

    def get_behavior_notes_for_plan_at_index(self, index):
        """Return a plan's behaviour notes: none."""
        return []

    def _candidate(self, index=None):
        if index is None and self._built:
            index = next(iter(self._built))
        if index not in self._built:
            raise cudnnGraphNotSupportedError(
                "[cudnn_frontend] Error: No valid execution plans built."
            )
        return index

    def get_workspace_size(self):
        """Return the bytes that the plan needs for itself."""
        return PLANS[self._candidate()][1]

    def get_workspace_size_plan_at_index(self, index):
        """Return the bytes that one plan needs for itself."""
        return PLANS[self._candidate(index)][1]
