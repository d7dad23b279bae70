import dataclasses
import os
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from illust_gan.datasets import DatasetError, PictureError
from illust_gan.datasets.archive import ArchiveReader, PictureArchive
from illust_gan.datasets.regular_file import MAX_BYTES
from illust_gan.datasets.sources import open_source
from illust_gan.errors import UserError


@dataclasses.dataclass
class Member:
    """One member as the archive is to describe it, true or not."""

    name: bytes
    data: bytes = b"pixels"
    flags: int = 0
    method: int = zipfile.ZIP_STORED
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    mode: int = 0
    at: int | None = None  # where the directory says that it begins
    extra: bytes = b""  # what else the directory says


def zip_bytes(*members):
    """Return an archive put together by hand, as zipfile writes no false ones."""
    body = directory = b""
    for one in members:
        packed = one.data
        if one.method == zipfile.ZIP_DEFLATED:
            packed = zlib.compress(one.data, wbits=-15)
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        size = len(one.data) if one.size is None else one.size
        packed_size = len(packed) if one.packed_size is None else one.packed_size
        both = struct.pack(
            "<5H3LH", 20, one.flags, one.method, 0, 33, crc, packed_size, size, len(one.name)
        )
        at = len(body) if one.at is None else one.at
        kind = struct.pack("<4H2L", len(one.extra), 0, 0, 0, one.mode << 16, at)
        directory += b"PK\1\2" + struct.pack("<H", 0x0314) + both + kind + one.name + one.extra
        body += b"PK\3\4" + both + b"\0\0" + one.name + packed
    end = struct.pack("<4H2LH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


@pytest.fixture
def archive(tmp_path):
    def write(*members):
        path = tmp_path / "pages.zip"
        path.write_bytes(
            zip_bytes(*(Member(one) if isinstance(one, bytes) else one for one in members))
        )
        return path

    return write


def content(path, name):
    reader = ArchiveReader(path)
    try:
        with reader.open(name) as f:
            return f.read()
    finally:
        reader.close()


def refusal(path, name):
    with pytest.raises(PictureError) as caught:
        content(path, name)
    assert caught.value.file == name
    return caught.value.word, caught.value.reason


def left_out(path):
    return [(one["file"], one["word"], one["reason"]) for one in PictureArchive(path).left_out]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_of_zipfiles_own(tmp_path, method):
    path = tmp_path / "pages.zip"
    with zipfile.ZipFile(path, "w", method) as f:
        f.writestr("b/", b"")
        for name in ("b/10.png", "b/9.JPG", "1.gif", "notes.txt", "README", "絵.png"):
            f.writestr(name, name * 1000)
    source = PictureArchive(path)
    assert source.pictures == ["1.gif", "b/9.JPG", "b/10.png", "絵.png"]
    assert source.passed_over == {".txt": 1, "without ending": 1}
    assert source.left_out == []
    assert (source.kind, source.name, source.path) == ("zip", "pages.zip", path)
    for name in source.pictures:
        assert content(path, name) == (name * 1000).encode()


def test_an_archive_put_together_by_hand_is_one(archive):
    path = archive(b"a.png", Member(b"b.png", b"x" * 1000, method=zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(path) as f:
        assert f.testzip() is None
    assert PictureArchive(path).left_out == []
    assert content(path, "b.png") == b"x" * 1000


def test_a_picture_is_a_file_that_can_be_read_again(archive):
    reader = ArchiveReader(archive(b"a.png"))
    for _ in range(2):
        with reader.open("a.png") as f:
            assert f.seek(0, 2) == 6
            assert f.seek(2) == 2
            assert f.read() == b"xels"
    reader.close()


def test_folders_and_hidden_members_are_passed_over(archive):
    path = archive(
        b"x.png/", b"y.png\\", b".a.png", b".b/c.png", b"d/._e.png", b"__MACOSX/f.png", b"./g.png"
    )
    source = PictureArchive(path)
    assert source.pictures == ["./g.png"]
    assert source.left_out == []
    assert not source.passed_over


def test_japanese_names_of_old_windows_are_not_taken_for_hidden_ones(archive):
    # In its code page, the second byte of this character is a backslash.
    name = "ソ.png".encode("cp932")
    assert name[1:3] == b"\\."
    assert PictureArchive(archive(name)).pictures == [name.decode("cp437")]


@pytest.mark.parametrize(
    "name",
    [
        b"/etc/a.png",
        b"../a.png",
        b"b/../../a.png",
        b"b/..",
        b"\\\\server\\a.png",
        b"b\\..\\..\\a.png",
        b"C:a.png",
        b"c:\\a.png",
        b"a.png\0.txt",
        b"a.txt\0.png",
        b"",
        b"../notes.txt",
    ],
)
def test_names_that_lead_out_of_the_archive(archive, name):
    wanted = (name.decode(), "path", "its name is no path inside the archive")
    path = archive(b"ok.png", name)
    assert PictureArchive(path).pictures == ["ok.png"]
    assert left_out(path) == [wanted]


def test_a_backslash_may_be_part_of_a_name(archive):
    path = archive(b"b\\a..png", b"c..\\d.png")
    assert PictureArchive(path).pictures == ["b\\a..png", "c..\\d.png"]


@pytest.mark.parametrize(
    ("member", "word", "reason"),
    [
        (
            Member(b"a.png", b"b.png", mode=stat.S_IFLNK | 0o777),
            "link",
            "it is a symbolic link, which is not followed",
        ),
        (Member(b"a.png", mode=stat.S_IFIFO), "special", "it is a pipe, socket or device"),
        (Member(b"a.png", mode=stat.S_IFDIR), "directory", "it is a folder"),
        (Member(b"a.png", flags=1), "encrypted", "it is encrypted; unpack the archive first"),
        (Member(b"a.png", flags=0x40), "encrypted", "it is encrypted; unpack the archive first"),
        (
            Member(b"a.png", method=zipfile.ZIP_LZMA),
            "format",
            "it is compressed in another way than by deflate; make the archive again",
        ),
        (Member(b"a.png", method=99, flags=1), "encrypted", "it is encrypted; unpack"),
        (
            Member(b"a.png", size=MAX_BYTES + 1),
            "bomb",
            "it has more than 256 MiB, the most that is read",
        ),
        (Member(b"a.png", b""), "empty", "it is empty"),
        (
            Member(b"a.psd"),
            "format",
            "it is a .psd file, which has to be exported as PNG first",
        ),
    ],
)
def test_members_that_are_left_out(archive, member, word, reason):
    path = archive(b"ok.png", member)
    ((file, found_word, found_reason),) = left_out(path)
    assert (file, found_word) == (member.name.decode(), word)
    assert found_reason.startswith(reason)
    if file.endswith(".png"):
        assert refusal(path, file) == (found_word, found_reason)


def test_ordinary_permissions_do_not_matter(archive):
    path = archive(Member(b"a.png", mode=stat.S_IFREG), Member(b"b.png", mode=0o600))
    assert PictureArchive(path).pictures == ["a.png", "b.png"]


def test_links_of_another_ending_are_only_counted(archive):
    source = PictureArchive(archive(b"a.png", Member(b"b.txt", mode=stat.S_IFLNK)))
    assert source.passed_over == {".txt": 1}
    assert source.left_out == []


def test_members_of_the_same_name_are_both_read(archive):
    first, second, third = (Member(b"a.png", data) for data in (b"first", b"second", b"third"))
    path = archive(first, b"a.png#2", b"b.png", second, b"a.psd", b"a.psd", third)
    source = PictureArchive(path)
    assert source.pictures == ["a.png", "a.png#2", "a.png#3", "b.png"]
    assert [content(path, name) for name in source.pictures[:3]] == [b"first", b"second", b"third"]
    assert source.passed_over == {".png#2": 1}
    assert [one["file"] for one in source.left_out] == ["a.psd", "a.psd#2"]


DAMAGED = ("damaged", "its bytes in the archive are damaged")


def test_another_checksum(archive):
    path = archive(Member(b"a.png", crc=1))
    assert PictureArchive(path).pictures == ["a.png"]
    assert refusal(path, "a.png") == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [999, 1001])
def test_another_size_than_declared(archive, method, size):
    data = b"x" * 1000
    assert refusal(archive(Member(b"a.png", data, method=method, size=size)), "a.png") in (
        DAMAGED,
        ("damaged", "it has another size than the archive says"),
    )
    # Whoever makes such an archive can also make its checksum right.
    crc = zlib.crc32(data[:size])
    path = archive(Member(b"a.png", data, method=method, size=size, crc=crc))
    if size > 1000:
        assert refusal(path, "a.png")[0] == "damaged"
    else:
        assert content(path, "a.png") == data[:size]


def test_a_flood_behind_a_small_size_is_not_unpacked(archive):
    flood = bytes(50_000_000)
    path = archive(Member(b"a.png", flood, method=zipfile.ZIP_DEFLATED, size=1000))
    del flood
    tracemalloc.start()
    try:
        assert refusal(path, "a.png") == DAMAGED
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_member_cut_off(archive):
    data = random.Random(0).randbytes(1000)
    path = archive(Member(b"a.png", data, method=zipfile.ZIP_DEFLATED, packed_size=500))
    assert refusal(path, "a.png") == DAMAGED


def test_a_member_whose_beginning_is_elsewhere(archive):
    for at in (3, 10**9):
        assert refusal(archive(b"b.png", Member(b"a.png", at=at)), "a.png") == DAMAGED
    # Zip64 says it in eight bytes, of which no file has as many.
    extra = struct.pack("<2HQ", 1, 8, 2**64 - 1)
    path = archive(b"b.png", Member(b"a.png", at=0xFFFFFFFF, extra=extra))
    assert refusal(path, "a.png") == DAMAGED


def test_a_member_of_another_name_at_its_place(archive):
    path = archive(b"b.png")
    path.write_bytes(path.read_bytes().replace(b"b.png", b"a.png", 1))
    assert refusal(path, "b.png") == DAMAGED


OVERLAPS = ("damaged", "it lies over another member of the archive")


def test_members_that_lie_over_each_other(archive):
    inner = zip_bytes(Member(b"b.png"))
    inner = inner[: inner.index(b"PK\1\2")]
    start = 30 + len(b"a.png")
    # The directory says that the second begins in the middle of the first.
    path = archive(Member(b"a.png", inner), Member(b"b.png", at=start), b"c.png")
    assert PictureArchive(path).pictures == ["b.png", "c.png"]
    assert left_out(path) == [("a.png", *OVERLAPS)]
    assert refusal(path, "a.png") == OVERLAPS
    assert content(path, "b.png") == b"pixels"


def test_many_members_of_the_same_bytes(archive):
    path = archive(b"a.png", *(Member(b"a.png", at=0) for _ in range(3)))
    assert PictureArchive(path).pictures == ["a.png"]
    assert left_out(path) == [(f"a.png#{i}", *OVERLAPS) for i in (2, 3, 4)]


def test_what_is_not_in_the_archive(archive):
    path = archive(b"a.png", b"notes.txt")
    for name in ("b.png", "notes.txt", "a.png#2"):
        assert refusal(path, name) == ("missing", "it is not in the archive")


def test_an_archive_without_a_picture(archive):
    with pytest.raises(
        DatasetError,
        match=r"No picture found in \S+pages\.zip: 2 other files \(2 \.txt\), 1 left out "
        r"\(c\.psd: it is a \.psd file, .*\); wanted files ending in \.png",
    ):
        PictureArchive(archive(b"a.txt", b"b.txt", b"c.psd"))
    with pytest.raises(DatasetError, match=r"pages\.zip: nothing seen; wanted files ending"):
        PictureArchive(archive())


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda data: data.replace(b"PK\1\2", b"PK\1\3"), r"Bad magic number for central"),
        (lambda data: data.replace(b"a.png", b"\xff.png"), r"invalid start byte"),
        (lambda data: data[:-30], "File is not a zip file"),
    ],
)
def test_a_damaged_archive_is_one_sentence(archive, damage, told):
    path = archive(Member(b"a.png", flags=0x800))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(
        DatasetError,
        match=rf"pages\.zip is no zip archive that can be read \(.*{told}.*\); copy, download or",
    ):
        PictureArchive(path)


def test_an_archive_that_claims_too_many_members(tmp_path):
    path = tmp_path / "pages.zip"
    size = 460_000_046
    with path.open("wb") as f:
        # A hole in the file: it takes no room.
        f.seek(size)
        f.write(b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 65535, 65535, size, 0, 0))
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=r"it claims to have more than 10000000 members"):
            PictureArchive(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_no_archive(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.zip cannot be opened: No such file or dir"):
        PictureArchive(tmp_path / "none.zip")


def test_any_broken_archive_ends_in_a_sentence_and_never_in_other_bytes(tmp_path):
    dice = random.Random(0)
    data = [dice.randbytes(40), b"x" * 1000, b"pixels"]
    whole = zip_bytes(
        Member(b"a.png", data[0]),
        Member(b"b/c.png", data[1], method=zipfile.ZIP_DEFLATED),
        Member(b"d.png", data[2]),
    )
    path = tmp_path / "pages.zip"
    outcomes = set()
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.choice([1, 1, 2, 8])):
            broken[dice.randrange(len(broken))] = dice.choice([0, 1, 255, dice.randrange(256)])
        path.write_bytes(broken[: dice.choice([len(broken), dice.randrange(len(broken))])])
        try:
            names = open_source(path).pictures
        except UserError:
            outcomes.add("refused")
            continue
        for name in names:
            try:
                assert content(path, name) in data
                outcomes.add("read")
            except PictureError as error:
                outcomes.add(error.word)
    assert {"refused", "read", "damaged"} <= outcomes


def test_nothing_is_written(archive, tmp_path):
    path = archive(b"../a.png", b"b.png")
    before = sorted(tmp_path.parent.rglob("*"))
    PictureArchive(path)
    content(path, "b.png")
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_closed_reader_keeps_nothing_open(archive):
    path = archive(b"a.png")
    before = len(os.listdir("/proc/self/fd"))
    reader = ArchiveReader(path)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    reader.close()
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DatasetError):
        ArchiveReader(path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_name_longer_than_any_path_is_left_out(archive):
    path = archive(b"a.png", b"x" * 4092 + b".png", b"y" * 4093 + b".png")
    assert PictureArchive(path).pictures == ["a.png", "x" * 4092 + ".png"]
    assert left_out(path) == [
        ("y" * 4093 + ".png", "unreadable", "its name has more than 4,096 characters")
    ]
