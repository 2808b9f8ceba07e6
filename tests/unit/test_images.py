from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from diagrasp.errors import InputError, NotFoundError, TooLargeError
from diagrasp.images import Picture, load_picture

Encode = Callable[..., bytes]
RED, BLUE = (200, 30, 40), (20, 40, 210)


def load(data: bytes, **options: int | str) -> Picture:
    return load_picture(data, **{"max_bytes": 64_000_000, "max_pixels": 64_000_000, **options})  # type: ignore[arg-type]


def halves(mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, 60 x 40."""
    image = Image.new("RGB", (60, 40), RED)
    image.paste(BLUE, (30, 0, 60, 40))
    return image.convert(mode)


def near(pixels: np.ndarray, colour: tuple[int, int, int], by: int = 40) -> bool:
    return bool((np.abs(pixels.astype(int) - colour) <= by).all())


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
    ],
)
def test_every_kind_is_read_right(encode: Encode, kind: str, media_type: str) -> None:
    data = encode(halves(), kind)
    made = load(data, name="a name")
    assert (made.width, made.height, made.media_type, made.name) == (60, 40, media_type, "a name")
    assert made.pixels.shape == (40, 60, 3)
    assert made.pixels.dtype == np.uint8
    assert made.data == data
    assert near(made.pixels[5:35, 5:25], RED)
    assert near(made.pixels[5:35, 35:55], BLUE)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_file_cut_short_is_one_clear_error(encode: Encode, picture: Callable[..., bytes], kind: str) -> None:
    data = encode(Image.open(BytesIO(picture(size=(200, 200)))), kind)
    for share in (0.02, 0.3, 0.9):
        with pytest.raises(InputError, match=r"^cut\.x is (damaged|not a picture)[^\n]*$"):
            load(data[: max(9, int(len(data) * share))], name="cut.x")


@pytest.mark.parametrize(
    "how",
    ["P PNG", "P BMP", "RGBA PNG", "RGBA WEBP", "RGBX TIFF", "CMYK JPEG", "CMYK TIFF", "YCbCr TIFF", "LAB TIFF"],
)
def test_colour_modes(encode: Encode, how: str) -> None:
    mode, kind = how.split()
    if mode == "P":
        image = halves().quantize(8)
    elif mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        image = ImageCms.applyTransform(halves(), to_lab)
    else:
        image = halves(mode)
    pixels = load(encode(image, kind)).pixels
    assert near(pixels[5:35, 5:25], RED)
    assert near(pixels[5:35, 35:55], BLUE)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_greys(encode: Encode, mode: str) -> None:
    assert near(load(encode(halves(mode))).pixels[5:35, 5:25], (81, 81, 81), 4)


@pytest.mark.parametrize(("mode", "kind"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I", "TIFF"), ("F", "TIFF")])
def test_deep_greys_keep_their_range(encode: Encode, mode: str, kind: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64), (16, 1))
    array = {"I;16": ramp.astype(np.uint16), "I": ramp.astype(np.int32), "F": (ramp / 65535).astype(np.float32)}[mode]
    pixels = load(encode(Image.fromarray(array), kind)).pixels
    assert pixels[0, 0].max() <= 1
    assert pixels[0, -1].min() >= 254
    assert abs(int(pixels[0, 32, 0]) - 130) <= 3


def test_one_bit(encode: Encode) -> None:
    image = Image.new("1", (20, 10), 1)
    image.putpixel((3, 4), 0)
    pixels = load(encode(image)).pixels
    assert pixels[4, 3].tolist() == [0, 0, 0]
    assert pixels[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_turns_the_picture_upright(encode: Encode, orientation: int, kind: str) -> None:
    upright = Image.new("RGB", (64, 32), "white")
    ImageDraw.Draw(upright).rectangle((0, 0, 15, 15), fill="black")  # a mark at the top left
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if back is None else upright.transpose(back)
    if kind == "TIFF":
        data = encode(stored, kind, tiffinfo={274: orientation})
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encode(stored, kind, exif=exif)
    made = load(data)
    assert (made.width, made.height) == (64, 32)
    assert made.pixels[4, 4].max() < 60
    assert made.pixels[4, 60].min() > 200
    assert made.pixels[28, 4].min() > 200


def test_transparency_lies_on_white(encode: Encode) -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((10, 10, 50, 30), outline=(0, 0, 0, 255), fill=(255, 240, 200, 255))
    pixels = load(encode(image)).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[20, 30].tolist() == [255, 240, 200]


def test_a_light_drawing_on_transparency_gets_a_dark_ground(encode: Encode) -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 30, 80, 70), outline=(230, 230, 230, 255), fill=(31, 32, 32, 255))
    draw.line((80, 50, 150, 50), fill=(220, 220, 220, 255), width=2)
    pixels = load(encode(image)).pixels
    assert pixels[0, 0].max() < 64
    assert pixels[50, 120].min() > 200


def test_light_boxes_with_dark_arrows_stay_visible_both(encode: Encode) -> None:
    image = Image.new("RGBA", (400, 100), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for x in (10, 150, 290):
        draw.rectangle((x, 20, x + 100, 80), fill=(250, 250, 250, 255))
    draw.line((110, 50, 150, 50), fill=(0, 0, 0, 255), width=2)
    draw.line((250, 50, 290, 50), fill=(0, 0, 0, 255), width=2)
    ground = int(load(encode(image)).pixels[0, 0, 0])
    assert abs(ground - 250) >= 48
    assert ground >= 48


def test_transparent_palette_and_wholly_transparent(encode: Encode) -> None:
    image = Image.new("P", (20, 10), 0)
    image.putpalette([10, 20, 30, 0, 0, 0])
    image.putpixel((5, 5), 1)
    pixels = load(encode(image, transparency=0)).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[5, 5].tolist() == [0, 0, 0]
    empty = load(encode(Image.new("RGBA", (20, 10), (9, 9, 9, 0))))
    assert empty.pixels.min() == 255


def test_the_first_frame_of_an_animation(encode: Encode) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        made = load(encode(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert near(made.pixels, RED, 12), kind
        assert made.pages == 1


def test_pages_of_a_tiff(encode: Encode) -> None:
    data = encode(
        Image.new("RGB", (20, 10), RED), "TIFF", save_all=True, append_images=[Image.new("RGB", (30, 12), BLUE)]
    )
    first, second = load(data), load(data, page=2)
    assert (first.page, first.pages, first.width) == (1, 2, 20)
    assert (second.page, second.pages, second.width) == (2, 2, 30)
    assert near(second.pixels, BLUE, 4)
    for page in (0, 3, -1):
        with pytest.raises(NotFoundError, match=f"has 2 pages; there is no page {page}"):
            load(data, page=page)
    with pytest.raises(NotFoundError, match="has 1 page; there is no page 2"):
        load(encode(halves()), page=2)


def pdf(*sizes: tuple[int, int]) -> bytes:
    """A page for each size in points, its lower left quarter red."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for width, height in sizes:
        drawing = f"1 0 0 rg 0 0 {width / 2} {height / 2} re f"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {len(objects) + 2} 0 R >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        ]
        kids.append(f"{len(objects) - 1} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(body)
    return (
        body
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        ).encode()
    )


def test_pages_of_a_pdf() -> None:
    data = pdf((360, 180), (72, 144))
    first, second = load(data), load(data, page=2)
    assert (first.width, first.height, first.page, first.pages) == (1000, 500, 1, 2)
    assert (second.width, second.height, second.page, second.media_type) == (200, 400, 2, "application/pdf")
    assert first.pixels[400, 100].tolist() == [255, 0, 0]
    assert first.pixels[100, 100].tolist() == first.pixels[400, 900].tolist() == [255, 255, 255]
    with pytest.raises(NotFoundError, match="has 2 pages; there is no page 3"):
        load(data, page=3)


def test_large_sheets_are_drawn_within_the_limits() -> None:
    sheet = load(pdf((14400, 7200)))
    assert 30_000_000 < sheet.width * sheet.height <= 32_000_000
    small = load(pdf((14400, 7200)), max_pixels=10_000)
    assert 9_000 < small.width * small.height <= 10_000


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", pdf((72, 72))[:150], pdf((72, 72)).replace(b"Kids", b"Dogs")])
def test_a_pdf_that_is_none(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^x\.pdf cannot be used: its? [^\n]*$"):
        load(data, name="x.pdf")


def test_pdfs_from_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    data = pdf((360, 180))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load(data).pixels[400, 100].tolist(), range(40)))
    assert made == [[255, 0, 0]] * 40


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _huge(kind: str) -> bytes:
    """Files of a few hundred bytes at most that claim 50,000 x 50,000 pixels (WebP: the 16,383 x 16,383 it can)."""
    if kind == "PNG":
        header = struct.pack(">IIBBBBB", 50000, 50000, 8, 2, 0, 0, 0)
        body = _chunk(b"IDAT", zlib.compress(bytes(100)))
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + body + _chunk(b"IEND", b"")
    if kind == "BMP":
        return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 50000, 50000, 1, 24, 0, 0, 0, 0, 0, 0)
    if kind == "GIF":
        return (
            b"GIF89a"
            + struct.pack("<HHBBB", 50000, 50000, 0x80, 0, 0)
            + bytes(6)
            + b",\0\0\0\0"
            + struct.pack("<HHB", 50000, 50000, 0)
            + b"\2\2\x44\1\0;"
        )
    if kind == "JPEG":
        frame = struct.pack(">HBHHB", 17, 8, 50000, 50000, 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
        return b"\xff\xd8\xff\xc0" + frame + b"\xff\xda" + struct.pack(">HB", 12, 3) + bytes(9) + b"\xff\xd9"
    if kind == "VP8X":
        body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16382).to_bytes(3, "little") * 2
    elif kind == "VP8L":
        body = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", 16382 | 16382 << 14)
    elif kind == "VP8":
        body = b"VP8 " + struct.pack("<I", 10) + b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383)
    else:
        tags = [(256, 4, 50000), (257, 4, 50000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (278, 4, 50000),
                (279, 4, 10)]  # fmt: skip
        entries = b"".join(struct.pack("<HHII", tag, type, 1, value) for tag, type, value in tags)
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(200)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + bytes(20)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "JPEG", "TIFF", "VP8X", "VP8L", "VP8"])
def test_a_header_of_gigapixels_is_refused_before_decoding(kind: str) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(
        TooLargeError, match=r"^bomb has (50,000 x 50,000|16,383 x 16,383) pixels, more than the 64,000"
    ):
        load(_huge(kind), name="bomb")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


@pytest.mark.parametrize("how", ["RGB PNG", "P PNG", "RGBA PNG", "LA PNG", "I;16 PNG", "CMYK JPEG", "P GIF"])
def test_pictures_of_many_strips(
    encode: Encode, picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    mode, kind = how.split()
    image = Image.open(BytesIO(picture(size=(70, 90))))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 250)
    elif mode in ("RGBA", "LA"):
        image = image.convert(mode)
        image.putalpha(Image.radial_gradient("L").resize(image.size))
    elif mode != "RGB":
        image = image.convert(mode)
    data = encode(image, kind, **({"transparency": 3} if how == "P PNG" else {}))
    whole = load(data).pixels
    monkeypatch.setattr("diagrasp.images._STRIP", 70 * 7)
    assert np.array_equal(load(data).pixels, whole)


def test_every_page_is_measured(encode: Encode) -> None:
    data = encode(Image.new("L", (20, 10)), "TIFF", save_all=True, append_images=[Image.new("L", (300, 100))])
    assert load(data, max_pixels=1000).width == 20
    with pytest.raises(TooLargeError):
        load(data, max_pixels=1000, page=2)


def test_limits_can_be_raised_past_pillows_own(encode: Encode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow warns and then refuses by a limit of its own; only ours counts."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        assert load(encode(Image.new("RGB", (60, 40), RED), kind)).width == 60
        assert Image.MAX_IMAGE_PIXELS == 100


def test_sixty_four_megapixels_are_read(encode: Encode) -> None:
    made = load(encode(Image.new("1", (8000, 8000), 1)))
    assert made.pixels.shape == (8000, 8000, 3)
    with pytest.raises(TooLargeError):
        load(encode(Image.new("1", (8001, 8000), 1)))


def test_too_many_bytes(encode: Encode) -> None:
    with pytest.raises(TooLargeError, match="DIAGRASP_MAX_BYTES"):
        load(encode(halves()), max_bytes=50)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<html></html>", bytes(1000), b"\x89PNG\r\n\x1a\n", b"BM" + bytes(60)]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^x\.png is (empty|not a picture|damaged)[^\n]*$"):
        load(data, name="x.png")


def test_formats_that_are_not_on_the_list(encode: Encode) -> None:
    for kind in ("PPM", "ICO", "TGA", "EPS"):
        with pytest.raises(InputError, match="not a picture that can be read"):
            load(encode(halves(), kind))


def svg(inside: str, size: str = 'width="40" height="20"', more: str = "") -> bytes:
    return f'<?xml version="1.0"?>{more}<svg xmlns="http://www.w3.org/2000/svg" {size}>{inside}</svg>'.encode()


def test_an_svg_is_drawn() -> None:
    picture = load(svg('<rect x="20" width="20" height="20" fill="#ff0000"/>'))
    assert (picture.media_type, picture.pixels.shape) == ("image/svg+xml", (40, 80, 3))
    assert picture.pixels[20, 20].tolist() == [255, 255, 255]
    assert picture.pixels[20, 60].tolist() == [255, 0, 0]
    shown = load(svg('<circle r="9" fill="#00ff00"/>', 'viewBox="-10 -10 20 20"'))
    assert shown.pixels.shape == (40, 40, 3)
    assert shown.pixels[20, 20].tolist() == [0, 255, 0]
    assert load(svg('<text y="15">Да</text>')).pixels.min() < 64


def test_an_svg_loads_and_runs_nothing(tmp_path: Path) -> None:
    """Files beside it, styles and scripts leave no trace."""
    Image.new("RGB", (40, 20), "blue").save(tmp_path / "secret.png")
    there = (tmp_path / "secret.png").as_posix()
    inside = (
        f'<image href="{there}" width="40" height="20"/><image href="file://{there}" width="40" height="20"/>'
        f'<image xmlns:x="http://www.w3.org/1999/xlink" x:href="{there}" width="40" height="20"/>'
        f'<use href="{there}#a"/><rect width="40" height="20" fill="url({there}#a)"/>'
        f"<style>@import url({there}); rect {{ fill: url('{there}#b') }}</style><script>alert(1)</script>"
        f'<filter id="f"><feImage href="{there}"/></filter><g filter="url(#f)"/>'
    )
    pixels = load(svg(inside)).pixels
    assert not ((pixels[..., 2] > 128) & (pixels[..., 0] < 128)).any()


@pytest.mark.parametrize(
    ("data", "kind", "match"),
    [
        (svg("", more='<!DOCTYPE svg [<!ENTITY a "b">]>'), InputError, "entities"),
        (svg("", size=""), InputError, "states no size"),
        (svg("", size='width="100%" height="5"'), InputError, "states no size"),
        (svg("", size='viewBox="0 0 1e9 1e9"'), TooLargeError, "more than can be drawn"),
        (svg("<g/>" * 20_001), TooLargeError, "draws more than"),
        (
            svg("".join(f'<g id="a{i}">' + f'<use href="#a{i + 1}"/>' * 10 + "</g>" for i in range(9))),
            TooLargeError,
            "draws more than",
        ),
        (svg('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">Step</p></foreignObject>'), InputError, "HTML"),
        (svg("<g>"), InputError, "not well-formed"),
    ],
)
def test_an_svg_that_is_refused(data: bytes, kind: type[InputError], match: str) -> None:
    with pytest.raises(kind, match=match):
        load(data)


def test_symbols_that_use_each_other_end() -> None:
    with pytest.raises(InputError, match="cannot be drawn"):
        load(svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><rect width="5" height="5"/>'))


def test_a_long_source_inside_a_png_does_not_stop_it(encode: Encode) -> None:
    """Pillow refuses text chunks over a megabyte; tools keep a diagram's source there."""
    info = PngInfo()
    info.add_text("mxfile", "<mxfile>" + "a" * 3_000_000 + "</mxfile>", zip=True)
    data = encode(halves(), pnginfo=info)
    made = load(data)
    assert near(made.pixels[:, :30], RED, 0)
    assert made.data == data


def test_random_damage_raises_nothing_but_input_errors(encode: Encode, picture: Callable[..., bytes]) -> None:
    random = np.random.default_rng(7)
    source = Image.open(BytesIO(picture(size=(64, 64))))
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"):
        whole = np.frombuffer(encode(source, kind), np.uint8)
        for _ in range(60):
            hurt = whole.copy()
            at = random.integers(0, min(200, len(hurt)), 4)
            hurt[at] = random.integers(0, 256, 4)
            with contextlib.suppress(InputError):
                assert load(hurt.tobytes(), max_pixels=1_000_000).pixels.ndim == 3
