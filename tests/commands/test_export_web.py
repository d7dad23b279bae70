import json
import os

import chainer
import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.export import runtime
from illust_gan.generation.direction_file import save_directions
from tests.export.generators import labelled
from tests.golden_run import GOLDEN

pytest.importorskip("onnxruntime")

RUN = str(GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0")
OLD = str(GOLDEN / "maccha-gen-chainer1.5.1.h5")


@pytest.fixture(autouse=True)
def needs_the_runtime():
    if not runtime.is_there(runtime.FOLDER):
        pytest.skip("onnxruntime-web was not installed, as npm was not there")


def settings_of(page):
    return json.loads((page / "site.json").read_text(encoding="utf-8"))


def test_a_page_of_a_model_tells_its_card(tmp_path, capsys):
    page = tmp_path / "new" / "page"
    assert main(["export", "web", "rezoolab-avatars", str(page)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "rezoolab-avatars is rezoolab's generator of illust-gan"
    assert second.startswith(f"page in {page} (15.2 MB); its pictures differ from Chainer's by at")
    assert second.endswith(f"look at it with illust-gan serve {page}")
    settings = settings_of(page)
    assert settings["name"] == "rezoolab-avatars"
    assert "Johan Melin" in settings["about"]
    # Directions with names come with the model.
    assert "light hair" in [direction["name"] for direction in settings["directions"]]


def test_a_page_of_one_s_own(tmp_path, capsys):
    gen = illust_gan.load_generator(OLD)
    save_directions(tmp_path / "two.npz", illust_gan.sefa(gen, 2))
    (tmp_path / "about.txt").write_text("Von mir, für 皆さん", encoding="utf-8")
    arguments = ["export", "web", OLD, str(tmp_path / "page"), "--name", "顔"]
    files = [f"--directions={tmp_path}/two.npz", f"--about={tmp_path}/about.txt"]
    assert main([*arguments, *files]) == 0
    settings = settings_of(tmp_path / "page")
    assert settings["name"] == "顔"
    assert settings["about"] == "Von mir, für 皆さん"
    assert settings["size"] == 96
    assert len(settings["directions"]) == 2

    assert main(arguments) == 2
    assert "page exists already; give another name, or replace it with --force" in (
        capsys.readouterr().err
    )
    assert main([*arguments, "--force"]) == 0
    assert settings_of(tmp_path / "page")["about"] == ""


def test_a_page_of_a_label(tmp_path, capsys):
    pets = str(tmp_path / "pets.npz")
    gen = labelled()
    chainer.serializers.save_npz(pets, gen)
    export = ["export", "web", pets, str(tmp_path / "page")]
    assert main([*export, "--label", "dogs"]) == 0
    settings = settings_of(tmp_path / "page")
    assert settings["name"] == "pets.npz: dogs"
    assert settings["size"] == 28
    assert [d["name"] for d in settings["directions"]] == list(illust_gan.sefa(gen, 8).names)
    assert main([*export, "--label", "dogs", "--name", "Dogs", "--force"]) == 0
    assert settings_of(tmp_path / "page")["name"] == "Dogs"
    capsys.readouterr()

    # Directions are of all labels.
    save_directions(tmp_path / "two.npz", illust_gan.sefa(gen, 2))
    options = ["--label", "cats", "--directions", f"{tmp_path}/two.npz", "--force"]
    assert main([*export, *options]) == 0
    assert len(settings_of(tmp_path / "page")["directions"]) == 2
    capsys.readouterr()

    before = settings_of(tmp_path / "page")
    assert main([*export, "--force"]) == 2
    assert capsys.readouterr().err == (
        "illust-gan: the generator has labels; give --label with one of cats, dogs, birds\n"
    )
    assert main([*export, "--force", "--label", "cows"]) == 2
    assert "--label is cows, which the net does not know; wanted cats" in capsys.readouterr().err
    assert settings_of(tmp_path / "page") == before
    new = ["export", "web", RUN, f"{tmp_path}/new/page", "--label", "cats"]
    assert main(new) == 2
    assert "Rezoolab's DCGAN knows no labels; leave it away" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("{run} {tmp}", "{tmp} exists already and is no page of illust-gan; give another name"),
        ("{run} {tmp}/page --runtime {tmp}/latin.txt", "latin.txt is refused: its SHA-512 is not"),
        ("{run} {tmp}/page --runtime {tmp}/none.tgz", "{tmp}/none.tgz: No such file or directory"),
        ("{run} {tmp}/page --about {tmp}/none.txt", "{tmp}/none.txt: No such file or directory"),
        ("{run} {tmp}/page --about {tmp}/latin.txt", "latin.txt is no text in UTF-8; write it as"),
        ("{run} {tmp}/page --about {tmp}/long.txt", "is longer than 100,000 characters; shorten"),
        ("{run} {tmp}/page --directions {tmp}/maccha.npz", "made for a generator of maccha with z"),
        ("{run} {tmp}/page --directions {tmp}/none.npz", "none.npz does not exist; give one that"),
        ("rezoolab-avatar {tmp}/page", "(perhaps rezoolab-avatars)"),
        ("{run}", "Missing argument 'OUT/'"),
    ],
)
def test_mistakes(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.txt").write_bytes("für".encode("latin-1"))
    (tmp_path / "long.txt").write_text("a" * 100_001)
    save_directions(tmp_path / "maccha.npz", illust_gan.sefa(illust_gan.load_generator(OLD), 2))
    before = sorted(os.listdir(tmp_path))
    arguments = [part.format(run=RUN, tmp=tmp_path) for part in arguments.split()]
    assert main(["export", "web", *arguments]) == 2
    said = capsys.readouterr().err
    assert message.format(tmp=tmp_path) in said
    assert said.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("{tmp}", "{tmp} holds no page; give a folder that illust-gan export web wrote"),
        ("{tmp}/none", "{tmp}/none is no folder; give a folder that illust-gan export web wrote"),
        ("{tmp} --port 65536", "65536 is not in the range 0<=x<=65535"),
    ],
)
def test_mistakes_of_serve(tmp_path, capsys, arguments, message):
    assert main(["serve", *arguments.format(tmp=tmp_path).split()]) == 2
    said = capsys.readouterr().err
    assert message.format(tmp=tmp_path) in said
