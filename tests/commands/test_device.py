import pytest

from illust_gan.commands.device import DeviceError, check_device, list_gpus


@pytest.mark.parametrize("text", [None, "-1", "@numpy"])
def test_cpu(text):
    assert check_device(text) == "@numpy"


@pytest.mark.parametrize("text", ["gpu", "cuda:0", "-2", "0.5", "@cupy", ""])
def test_no_device(text):
    with pytest.raises(DeviceError, match=r"is no device; give -1 for the CPU, or 0 or @cupy:0"):
        check_device(text)


@pytest.mark.parametrize("text", ["99", "@cupy:99"])
def test_device_that_is_not_there_says_what_is(text):
    with pytest.raises(DeviceError, match=rf"--device {text} is not there; there is: -1 \(CPU\)"):
        check_device(text)


def test_says_why_there_is_no_gpu():
    names, why_none = list_gpus()
    assert bool(names) != bool(why_none)


@pytest.mark.gpu
def test_gpu():
    assert check_device("0") == check_device("@cupy:0") == "@cupy:0"
