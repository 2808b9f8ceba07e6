"""The text-line reader: real lines drawn in real fonts, and the rules that settle look-alikes."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.labels.inner import wipe_neighbours
from diagrasp.engines.embedded.reading import LineReader, load_reader, packaged
from diagrasp.engines.embedded.reading.decode import Decoder
from diagrasp.engines.embedded.reading.onnx_reader import OnnxReader, cut_at_gaps
from diagrasp.engines.embedded.reading.prepare import HEIGHT, INK_HEIGHT, prepare_line
from diagrasp.engines.embedded.reading.search import beam_search, greedy
from diagrasp.engines.embedded.reading.spelling import Spelling
from diagrasp.engines.embedded.reading.tesseract_reader import find_data
from diagrasp.errors import ConfigurationError, EngineUnavailable

Gray = NDArray[np.uint8]

FONTS = Path("/usr/share/fonts/truetype")
SEEN = FONTS / "dejavu/DejaVuSans.ttf"
UNSEEN = [
    FONTS / "paratype/PTS55F.ttf",
    FONTS / "roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    FONTS / "noto/NotoSerif-Regular.ttf",
]
LABELS = """Проверить заявку|Отправить договор клиенту|Оплата получена?|Сформировать отчёт|Да|Нет|Конец процесса
Согласовать с руководителем|Склад готовой продукции|Зарезервировать товар|ОШИБКА|Счёт №125 от 12.03.2024|Менеджер
Уведомить заказчика по e-mail|Сумма > 100 000 руб.|Если остаток = 0|«Принято»|Ввести логин и пароль
Check stock|Send invoice to customer|Is payment received?|Yes|No|Order processed|Start|End|getName(): String|user_id
x >= 10?|OrderService|POST /api/orders|Approve request|Notify the manager|Retry (3 times)|TIMEOUT""".replace(
    "\n", "|"
).split("|")


def draw(text: str, font: Path = SEEN, size: float = 16, margin: int = 3, ink: int = 20, paper: int = 255) -> Gray:
    """A line as a detector would crop it."""
    face = ImageFont.truetype(str(font), size)
    left, top, right, bottom = (int(v) for v in face.getbbox(text))
    page = Image.new("L", (right - left + 2 * margin, bottom - top + 2 * margin), paper)
    ImageDraw.Draw(page).text((margin - left, margin - top), text, fill=ink, font=face)
    return np.asarray(page)


def error_rate(reader: LineReader, lines: list[Gray], truths: list[str]) -> float:
    readings = reader.read(lines)
    edits = sum(Levenshtein.distance(r.text, t) for r, t in zip(readings, truths, strict=True))
    return edits / sum(map(len, truths))


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader()


# -- the net on drawn lines


@pytest.mark.parametrize("size", [11, 14, 18, 28])
def test_reads_print_at_the_sizes_of_diagrams(reader: OnnxReader, size: int) -> None:
    assert error_rate(reader, [draw(t, size=size) for t in LABELS], LABELS) <= 0.02


@pytest.mark.parametrize("font", UNSEEN, ids=lambda p: p.stem)
def test_reads_fonts_that_training_never_saw(reader: OnnxReader, font: Path) -> None:
    if not font.exists():
        pytest.skip(f"{font} is not installed (packages.txt)")
    lines = [draw(t, font, size) for size in (13, 20) for t in LABELS]
    assert error_rate(reader, lines, LABELS * 2) <= 0.03


@pytest.mark.parametrize(("ink", "paper"), [(240, 30), (150, 255), (120, 60), (255, 0)])
def test_polarity_and_contrast_do_not_matter(reader: OnnxReader, ink: int, paper: int) -> None:
    assert error_rate(reader, [draw(t, ink=ink, paper=paper) for t in LABELS], LABELS) <= 0.03


def test_bars_of_letters_are_no_outlines() -> None:
    for text in ("ТТ", "ПГ", "l", "lane", "I", "П", "[x]", "E", "Iа"):
        for margin in (0, 1, 5):
            crop = draw(text, size=22, margin=margin)
            prepared = prepare_line(crop)
            assert prepared is not None
            wide = prepare_line(draw(text, size=22, margin=9))
            assert wide is not None
            assert abs(prepared.shape[1] - wide.shape[1]) <= 5, text


@pytest.mark.parametrize("margin", [0, 2, 8])
def test_margin_does_not_matter(reader: OnnxReader, margin: int) -> None:
    assert error_rate(reader, [draw(t, margin=margin) for t in LABELS], LABELS) <= 0.03


def test_pieces_of_an_outline_are_not_read(reader: OnnxReader) -> None:
    lines = []
    for label in LABELS:
        line = draw(label, margin=6).copy()
        line[0] = 40
        line[:, -1] = 40
        lines.append(line)
    assert error_rate(reader, lines, LABELS) <= 0.03


def test_a_line_reads_the_same_alone_and_in_company(reader: OnnxReader) -> None:
    lines = [draw(t, size=12 + i % 9) for i, t in enumerate(LABELS)]
    together = reader.read(lines)
    for line, expected in zip(lines, together, strict=True):
        (alone,) = reader.read([line])
        assert alone.text == expected.text
        assert alone.confidence == pytest.approx(expected.confidence, abs=0.02)


def test_confidence_falls_with_legibility(reader: OnnxReader) -> None:
    noise = np.random.default_rng(0)
    clear = reader.read([draw(t) for t in LABELS])
    spoiled = reader.read(
        [np.clip(draw(t) + noise.normal(0, 90, draw(t).shape), 0, 255).astype(np.uint8) for t in LABELS]
    )
    assert all(0.0 <= r.confidence <= 1.0 for r in clear + spoiled)
    assert np.mean([r.confidence for r in clear]) > np.mean([r.confidence for r in spoiled]) + 0.2


def test_very_long_lines_are_read_in_pieces(reader: OnnxReader) -> None:
    text = " ".join(["Проверить остатки на складе и сообщить клиенту"] * 5)
    (reading,) = reader.read([draw(text, size=18)])
    assert Levenshtein.distance(reading.text, text) <= 0.03 * len(text)


@pytest.mark.parametrize(
    "crop",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.full((1, 40), 7, np.uint8),
        np.full((30, 200), 255, np.uint8),
        np.full((30, 200), 0, np.uint8),
    ],
    ids=["nothing", "one pixel", "one row", "white", "black"],
)
def test_blank_crops_read_as_nothing(reader: OnnxReader, crop: Gray) -> None:
    assert reader.read([crop]) == [("", 0.0)]
    assert reader.read([draw("Да"), crop, draw("Нет")])[1].text == ""


@pytest.mark.parametrize("shape", [(3, 2), (2, 900), (900, 2), (4000, 3000), (5, 8000)])
def test_odd_crops_do_no_harm(reader: OnnxReader, shape: tuple[int, int]) -> None:
    crop = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    (reading,) = reader.read([crop])
    assert 0.0 <= reading.confidence <= 1.0


def test_no_lines_no_readings(reader: OnnxReader) -> None:
    assert reader.read([]) == []


def test_colour_is_refused(reader: OnnxReader) -> None:
    with pytest.raises(ValueError, match="greyscale"):
        reader.read([np.zeros((10, 10, 3), np.uint8)])


def test_handwriting_is_read_by_a_net_of_its_own(reader: OnnxReader) -> None:
    other = reader.for_handwriting()
    assert other is reader.for_handwriting()
    assert other.revision != reader.revision
    assert [r.text for r in other.read([draw("Check order"), draw("Склад")])] == ["Check order", "Склад"]


def test_english_handwriting_has_a_reader_of_its_own(reader: OnnxReader) -> None:
    latin = reader.for_latin_handwriting()
    assert latin is not None
    assert latin is reader.for_latin_handwriting()
    lines = [np.repeat(draw(t, size=28)[:, :, None], 3, axis=2) for t in ("Check order", "send the lettcr", "X")]
    together = latin.read([*lines, np.zeros((0, 5, 3), np.uint8), np.full((20, 40, 3), 255, np.uint8)])
    assert [r.text for r in together] == ["Check order", "send the letter", "X", "", ""]
    assert all(0.0 <= r.confidence <= 1.0 for r in together)
    assert latin.read(lines[:1]) == together[:1]
    assert OnnxReader(("ru",)).for_latin_handwriting() is None


def test_without_its_package_handwriting_is_read_by_our_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "PACKAGE", "no_such_package")
    assert OnnxReader().for_latin_handwriting() is None


@pytest.mark.parametrize("folder", ["", "handwriting"])
def test_the_shipped_net_is_the_one_described(folder: str) -> None:
    package = resources.files("diagrasp_weights").joinpath(folder)
    about = json.loads(package.joinpath("reader.json").read_text("utf-8"))
    assert hashlib.sha256(package.joinpath("reader.onnx").read_bytes()).hexdigest() == about["sha256"]
    assert OnnxReader(folder=package).revision.startswith(about["revision"])
    assert about["height"] == HEIGHT


# -- preparation


def test_prepared_lines_have_one_height_and_dark_ink() -> None:
    for size in (9, 20, 60):
        line = prepare_line(draw("Склад", size=size, ink=250, paper=20))
        assert line is not None
        assert line.shape[0] == HEIGHT
        assert line[0, 0] == 255
        rows = np.flatnonzero((line < 128).any(axis=1))
        assert INK_HEIGHT - 4 <= rows[-1] - rows[0] + 1 <= INK_HEIGHT + 2


def test_a_heavy_word_in_a_tight_crop_keeps_its_polarity() -> None:
    bold = SEEN.with_name("DejaVuSans-Bold.ttf")
    for text in ("БД", "Ш", "SQL", "ФИО"):
        for ink, paper in ((0, 255), (255, 40)):
            line = prepare_line(draw(text, bold, 14, margin=1, ink=ink, paper=paper))
            assert line is not None
            assert line[:, 5].mean() > 200 or line[2, :].mean() > 200
            assert (line[0] == 255).all()


def test_the_breve_of_a_letter_stays_and_the_next_line_goes() -> None:
    line = prepare_line(draw("Й", size=30, margin=0))
    assert line is not None
    assert (line[:9] < 128).any()
    crop = draw("склад", size=24, margin=8).copy()
    crop[:2, 10:30:3] = 0
    prepared, plain = prepare_line(crop), prepare_line(draw("склад", size=24, margin=8))
    assert prepared is not None
    assert plain is not None
    assert prepared.shape == plain.shape


def test_the_box_around_a_label_and_ends_of_connectors_go() -> None:
    plain = prepare_line(draw("Склад", size=16, margin=10))
    assert plain is not None
    boxed = Image.fromarray(draw("Склад", size=16, margin=10))
    ImageDraw.Draw(boxed).rounded_rectangle((2, 2, boxed.width - 3, boxed.height - 3), 6, outline=0)
    ticked = draw("Склад", size=16, margin=10).copy()
    ticked[-6:, 30] = 0
    for crop in (np.asarray(boxed), ticked):
        line = prepare_line(crop)
        assert line is not None
        assert abs(line.shape[1] - plain.shape[1]) <= 1


@pytest.mark.parametrize("margin", [0, 1, 3, 8])
def test_signs_made_of_lines_stay(margin: int) -> None:
    line = prepare_line(draw("=", size=22, margin=margin))
    assert line is not None
    dark = np.concatenate(([0], (line < 128).any(axis=1).astype(int), [0]))
    assert (np.diff(dark) == 1).sum() == 2


def test_cuts_lie_in_gaps() -> None:
    line = np.full((HEIGHT, 300), 255, np.uint8)
    line[8:24, 10:80] = 0
    line[8:24, 95:290] = 0
    pieces = cut_at_gaps(line, 120)
    assert sum(p.shape[1] for p in pieces) == 300
    assert all(p.shape[1] <= 120 for p in pieces)
    assert (pieces[0][:, -1] == 255).all()


# -- settling

ALPHABET = " 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + "".join(
    chr(c) for c in (*range(0x410, 0x450), 0x401, 0x451)
)


def steps(text: str, rivals: dict[int, str] | None = None, gap: float = 1.0) -> NDArray[np.float32]:
    """Output of a net sure of `text`, but torn between each rival and the character at its place (`gap` nats)."""
    out = np.full((len(text), len(ALPHABET) + 1), -14.0, np.float32)
    for i, c in enumerate(text):
        out[i, ALPHABET.index(c) + 1] = -0.1
        if rivals and i in rivals:
            out[i, ALPHABET.index(rivals[i]) + 1] = -0.1 - gap
    return out


def settle(
    text: str, rivals: dict[int, str] | None = None, gap: float = 1.0, languages: tuple[str, ...] = ("ru", "en")
) -> str:
    return Decoder(ALPHABET, languages).settle(text, steps(text, rivals, gap))


def test_greedy_merges_repeats_and_drops_blanks() -> None:
    logp = np.full((7, 4), -9.0, np.float32)
    for t, c in enumerate([0, 1, 1, 0, 1, 2, 0]):
        logp[t, c] = -0.01
    assert greedy(logp, "abc").text == "aab"


def test_the_search_adds_alignments_up() -> None:
    # "b" at either of two steps: each path is less likely than no b at all, both together are likelier.
    logp = np.log(np.array([[0.01, 0.98, 0.01], [0.55, 0.01, 0.44], [0.55, 0.01, 0.44]], np.float32))
    assert greedy(logp, "ab").text == "a"
    decoded, probability = beam_search(logp, "ab", branch=2)
    assert decoded.text == "ab"
    assert probability == pytest.approx(np.log(0.98 * (0.55 * 0.44 * 2 + 0.44 * 0.44)), abs=0.02)
    assert decoded.steps.shape == (2, 3)


def _every_text(logp: NDArray[np.float32], alphabet: str) -> dict[str, float]:
    """What each text's alignments have together, tried one by one."""
    shares = np.exp(logp.astype(float))
    out: dict[str, float] = {}
    for path in product(range(logp.shape[1]), repeat=len(logp)):
        kept = [c for k, c in enumerate(path) if c and (k == 0 or path[k - 1] != c)]
        text = "".join(alphabet[c - 1] for c in kept)
        out[text] = out.get(text, 0.0) + float(np.prod([row[c] for row, c in zip(shares, path, strict=True)]))
    return out


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_what_all_alignments_together_say(seed: int) -> None:
    """Parts that leave no doubt are taken as they are, between blanks that leave none; no text is lost by that."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet((0.4, 0.4, 0.4), 8)
    sure = 0.9999, 0.00005, 0.00005
    shares[2], shares[3], shares[4], shares[5] = sure, np.roll(sure, 1 + seed % 2), sure, sure  # a letter seen well
    logp = np.log(shares).astype(np.float32)
    texts = _every_text(logp, "ab")
    likeliest = max(texts, key=lambda text: texts[text])
    rare = np.full((len(logp), 1), -30, np.float32)
    decoded, probability = beam_search(np.hstack([logp, rare]), "abc", width=24, branch=3)
    assert decoded.text == likeliest
    path = float(logp.max(axis=1).sum())  # told instead where it has more than half of all
    assert min(path, np.log(texts[likeliest])) - 0.02 <= probability <= np.log(texts[likeliest]) + 0.01
    assert decoded.steps.shape == (len(likeliest), 4)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("зaявка", "заявка"),  # Latin a in a Russian word
        ("Cклад", "Склад"),
        ("Оrdеr", "Order"),  # Russian О and е in an English word
        ("CCЫЛКA", "ССЫЛКА"),
        ("pазмеp оrder", "размер order"),
    ],
)
def test_a_word_keeps_to_one_script(seen: str, said: str) -> None:
    assert settle(seen) == said


def test_the_net_may_insist_on_two_scripts_in_one_word() -> None:
    assert settle("Wебсайт") == "Wебсайт"  # W has no Russian twin and no rival


def test_a_word_takes_the_script_that_all_of_its_letters_can_be_of() -> None:
    assert settle("Script paзбop") == "Script разбор"  # з has no twin, whatever stands beside
    assert settle("НR менеджер") == "HR менеджер"


def test_spelling_settles_what_the_ink_leaves_open() -> None:
    seen = "пользсввтель"
    logp = np.full((2 * len(seen), len(ALPHABET) + 1), -12.0, np.float32)
    logp[:, 0] = -0.01
    for i, c in enumerate(seen):
        logp[2 * i] = -12.0
        logp[2 * i, ALPHABET.index(c) + 1] = -0.4
    for i, c in ((5, "о"), (7, "а")):  # seen a little less well
        logp[2 * i, ALPHABET.index(c) + 1] = -1.1
    assert beam_search(logp, ALPHABET)[0].text == seen
    assert beam_search(logp, ALPHABET, 12, 5, Spelling())[0].text == "пользователь"


def test_spelling_has_no_say_in_code() -> None:
    spelling = Spelling()
    assert spelling.add(spelling.begin(), "x") == (0, 0.0)
    context, costs = spelling.begin(), []
    for c in "заказ8":
        context, cost = spelling.add(context, c)
        costs.append(cost)
    assert costs[-1] > spelling.add(spelling.begin(), "8")[1] == 0.0  # a digit right behind a letter is one badly seen


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("у=А+В", "y=A+B"),
        ("х = С1", "x = C1"),
        ("Если х > Б", "Если х > Б"),  # Latin has no Б
        ("Ввод N, Т, С, К", "Ввод N, T, C, K"),
        ("Товар А", "Товар А"),
        ("А - отмена", "А - отмена"),
    ],
)
def test_variables_have_latin_names(seen: str, said: str) -> None:
    alphabet = ALPHABET + "=+>,-"
    logp = np.full((len(seen), len(alphabet) + 1), -12.0, np.float32)
    for i, c in enumerate(seen):
        logp[i, alphabet.index(c) + 1] = -0.01
    assert Decoder(alphabet).settle(seen, logp) == said


def test_neighbours_settle_a_word_of_common_letters() -> None:
    torn = {7: "Н", 8: "Е"}
    assert settle("Товары HE найдены", torn) == "Товары НЕ найдены"


def test_the_first_language_settles_what_nothing_else_does() -> None:
    assert settle("CEO", {0: "С", 1: "Е", 2: "О"}, gap=0.05) == "СЕО"
    assert settle("CEO", {0: "С", 1: "Е", 2: "О"}, gap=0.05, languages=("en", "ru")) == "CEO"


def test_digits_among_digits() -> None:
    assert settle("1О5", {1: "0"}) == "105"
    assert settle("2З", {1: "3"}) == "2З"  # one digit is no company
    assert settle("3аявка", {0: "З"}) == "Заявка"


def test_a_lone_ring_is_a_number_where_the_net_allows_it() -> None:
    assert settle("О", {0: "0"}) == "0"
    assert settle("О") == "О"


def test_a_multiplicity_keeps_both_dots() -> None:
    decoder = Decoder(ALPHABET + ".*")
    for seen, said in (("1.*", "1..*"), ("0..*", "0..*"), ("2.3", "2.3"), ("a.*", "a.*")):
        logp = np.full((len(seen), len(ALPHABET) + 3), -14.0, np.float32)
        for i, c in enumerate(seen):
            logp[i, decoder.alphabet.index(c) + 1] = -0.1
        assert decoder.settle(seen, logp) == said


def test_case_within_a_word() -> None:
    assert settle("заЯвка", {2: "я"}) == "заявка"
    assert settle("СКЛАд", {4: "Д"}) == "СКЛАД"
    assert settle("getName", {3: "n"}, gap=3.0) == "getName"


# -- choice of a reader


def test_unknown_readers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="auto, net or tesseract"):
        load_reader("paddle")


def test_auto_is_our_net() -> None:
    assert load_reader().name == "diagrasp-reader"


def test_tesseract_names_the_data_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(
        EngineUnavailable, match=r"xyz\.traineddata.*apt-get install tesseract-ocr-xyz.*TESSDATA_PREFIX"
    ):
        find_data(["xyz"])


def test_tesseract_reads_too() -> None:
    pytest.importorskip("tesserocr")
    try:
        reader = load_reader("tesseract", ["ru", "en"])
    except EngineUnavailable as reason:
        pytest.skip(str(reason))
    assert error_rate(reader, [draw(t, size=24) for t in LABELS], LABELS) <= 0.1
    assert reader.read([np.full((20, 50), 255, np.uint8)]) == [("", 0.0)]


# -- training


def test_an_untrained_net_exports_and_is_loaded(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from diagrasp_train.reader.alphabet import ALPHABET as CHARACTERS
    from diagrasp_train.reader.export import export
    from diagrasp_train.reader.model import ReaderNet

    torch.manual_seed(0)
    net = ReaderNet(len(CHARACTERS) + 1, width=16).eval()
    export(net, tmp_path, {"training": {}})
    reader = OnnxReader(folder=tmp_path)
    line = prepare_line(draw("Склад"))
    assert line is not None
    page = np.full((1, HEIGHT, 128), 255, np.uint8)
    page[0, :, : line.shape[1]] = line
    (exported,) = reader._session.run(["logp"], {"lines": page})
    with torch.no_grad():
        direct = torch.log_softmax(net((255.0 - torch.from_numpy(page).float().unsqueeze(1)) / 255.0), -1)
    assert exported.shape == (1, 64, len(CHARACTERS) + 1)
    np.testing.assert_allclose(exported, direct.numpy(), atol=1e-3)


def test_training_texts_repeat_by_seed_and_keep_to_the_alphabet() -> None:
    from diagrasp_train.reader.alphabet import ALPHABET as CHARACTERS
    from diagrasp_train.reader.texts import Texts

    one, other = Texts(3), Texts(3)
    texts = [one.sample() for _ in range(300)]
    assert texts == [other.sample() for _ in range(300)]
    assert set("".join(texts)) <= set(CHARACTERS)
    assert len(set(CHARACTERS)) == len(CHARACTERS)


def test_training_lines_are_prepared_as_in_reading() -> None:
    pytest.importorskip("fontTools")
    from diagrasp_train.reader.render import Renderer

    renderer = Renderer(1, junk=0.1)
    lines = [renderer.line() for _ in range(60)]
    assert all(line.picture.shape[0] == HEIGHT and line.picture.dtype == np.uint8 for line in lines)
    assert any(line.text == "" for line in lines)
    assert len({line.text for line in lines}) > 40


def test_what_handwriting_is_read_with_is_part_of_the_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of a machine with the nets of `rapidocr` must not pass for those of one without."""
    engine = EmbeddedEngine()
    with_nets = engine.revision
    monkeypatch.setattr(packaged, "PACKAGE", "no_such_package_anywhere")
    assert engine.revision.endswith("/none")
    assert engine.revision != with_nets


def test_a_ring_above_a_line_goes_and_accents_stay(reader: OnnxReader) -> None:
    clean = draw("Новый счёт", size=13)
    line = clean.copy()
    line[:2, 30:50] = 40  # the lower rim of an event
    wipe_neighbours(line, 3, len(line) - 3)
    assert np.abs(line.astype(int) - clean).max() < 8
    tight = draw("Новый счёт", size=13, margin=0)
    kept = tight.copy()
    wipe_neighbours(kept, 2, len(kept) - 1)
    assert (kept == tight).all()
    assert reader.read([line])[0].text == "Новый счёт"
