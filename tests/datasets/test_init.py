import subprocess
import sys

import pytest

import illust_gan.datasets


@pytest.mark.parametrize("name", illust_gan.datasets.__all__)
def test_every_public_name_is_there(name):
    thing = getattr(illust_gan.datasets, name)
    assert thing.__name__ == name
    assert thing.__doc__
    assert name in dir(illust_gan.datasets)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"illust_gan\.datasets.*no attribute 'PackedData'"):
        illust_gan.datasets.PackedData  # noqa: B018


def test_the_room_is_light_until_it_is_used():
    code = (
        "import sys, illust_gan.datasets\n"
        "print({'PIL', 'dicebear', 'resvg', 'tqdm', 'chainer'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
