import pytest
from tqdm import tqdm


@pytest.fixture
def bars_at_once(monkeypatch):
    """Let bars show themselves at once, where they wait for a second."""
    real = tqdm.__init__

    def init(self, *args, delay=0, **options):
        real(self, *args, **options)

    monkeypatch.setattr(tqdm, "__init__", init)
