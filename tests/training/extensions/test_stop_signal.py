import os
import signal
import threading

import pytest

from illust_gan.training.extensions import StopSignal


def test_second_signal_acts_as_ever():
    extension = StopSignal()
    extension.initialize(None)
    os.kill(os.getpid(), signal.SIGINT)
    assert extension.received is signal.SIGINT
    assert not extension.stopping
    extension(None)
    assert extension.stopping
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_listens_to_nothing_outside_the_main_thread():
    former = signal.getsignal(signal.SIGTERM)
    extension = StopSignal()
    thread = threading.Thread(target=extension.initialize, args=(None,))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is former
