"""The chat as people use it: a real browser, a real chat, a real server.

Screenshots are kept in the folder that DIAGRASP_SCREENSHOTS names, if it is set.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import running
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from diagrasp_chat.examples import find_examples

SOON = 5_000
READ = 40_000
RUSSIAN = running.EXAMPLES / "order-approval-ru.png"
ENGLISH = running.EXAMPLES / "incident-en.png"

COPY_PICTURE = """async (data) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with running.server(folder) as url:
        yield url


@pytest.fixture(scope="module")
def chat(folder: Path, server: str) -> Iterator[str]:
    with running.chat(folder, server) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=running.chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Chat:
    """A page with the chat open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ready(self) -> None:
        """Wait until the page is connected: its starters can be pressed."""
        expect(self.page.locator("#chat-input")).to_be_visible(timeout=READ)
        expect(self.page.locator("#starters button").first).to_be_enabled(timeout=READ)

    @property
    def cards(self) -> Locator:
        return self.page.locator("[data-state=done]")

    @property
    def answers(self) -> Locator:
        return self.page.locator(".ai-message, [data-step-type=assistant_message]")

    def say(self, text: str) -> None:
        """Type a message and send it when nothing is being worked on."""
        box = self.page.locator("#chat-input")
        box.fill(text)
        self.send()

    def send(self) -> None:
        button = self.page.locator("#chat-submit")
        expect(button).to_be_enabled(timeout=READ)
        button.click()

    def paste(self, path: Path) -> None:
        """A picture from the system's clipboard, with the keyboard."""
        self.page.evaluate(COPY_PICTURE, base64.b64encode(path.read_bytes()).decode())
        self.page.locator("#chat-input").click()
        self.page.keyboard.press("Control+v")
        self.uploaded(1)

    def attach(self, *paths: Path) -> None:
        """Files, as the chooser behind the paper clip hands them over."""
        self.page.locator("#upload-button-input").set_input_files(list(paths))
        self.uploaded(len(paths))

    def uploaded(self, count: int) -> None:
        """Wait until each file is a tile in the composer and none shows progress any more."""
        expect(self.page.locator("#attachments > *")).to_have_count(count, timeout=READ)
        expect(self.page.locator("#attachments circle")).to_have_count(0, timeout=READ)

    def sees(self, text: str | re.Pattern[str], timeout: int = READ) -> None:
        expect(self.page.get_by_text(text).last).to_be_visible(timeout=timeout)

    def shot(self, name: str) -> None:
        if wanted := os.environ.get("DIAGRASP_SCREENSHOTS"):
            self.page.screenshot(path=Path(wanted) / f"{name}.png")


@pytest.fixture
def open_chat(browser: Browser) -> Iterator[Callable[..., Chat]]:
    """Opens pages; after the test none of them may have met a script error or another host."""
    contexts = []
    strangers: list[str] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            errors.append(message.text)

    def opened(url: str, locale: str = "ru-RU", scheme: str = "light", *, wait: bool = True) -> Chat:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(locale=locale, color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        contexts.append(context)
        page = context.new_page()
        home = (url, url.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda request: None if request.url.startswith(home) else strangers.append(request.url))
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        if wait:
            Chat(page).ready()
        return Chat(page)

    yield opened
    for context in contexts:
        context.close()
    assert strangers == []
    assert errors == []


def test_a_pasted_picture_becomes_table_redraw_and_mermaid(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat)
    own.shot("welcome-ru")
    expect(own.page.get_by_placeholder("Вставьте картинку")).to_be_visible()
    own.paste(RUSSIAN)
    own.send()
    card = own.cards.first
    expect(card).to_be_visible(timeout=READ)
    expect(card).to_contain_text("Процесс BPMN")
    for side in ("Оригинал", "Перерисовка"):
        picture = card.get_by_role("img", name=side)
        expect(picture).to_be_visible()
        assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") > 100
    table = card.locator("table")
    expect(table.locator("th")).to_have_text(["№", "Наименование действия", "Роль"])
    assert table.locator("tbody tr").count() >= 3
    own.shot("result-ru")
    card.get_by_role("tab", name="Алгоритм").click()
    expect(card.locator(".dg-outline p").first).to_be_visible()
    own.shot("outline-ru")
    card.get_by_role("tab", name="Mermaid").click()
    expect(card.locator(".dg-code")).to_contain_text("flowchart")
    card.get_by_role("button", name="Скопировать").click()
    expect(card.get_by_role("button", name="Скопировано")).to_be_visible()
    assert own.page.evaluate("navigator.clipboard.readText()") == card.locator(".dg-code").inner_text()
    own.shot("mermaid-ru")


def test_the_two_pictures_zoom_together(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat, "en-GB", "dark")
    own.attach(ENGLISH)
    own.send()
    card = own.cards.first
    expect(card).to_be_visible(timeout=READ)
    styles = card.locator(".dg-canvas img")
    expect(styles).to_have_count(2)
    card.get_by_role("button", name="Zoom in").click()
    card.get_by_role("button", name="Zoom in").click()
    expect(card.locator(".dg-percent")).to_have_text("156 %")
    assert styles.nth(0).get_attribute("style") == styles.nth(1).get_attribute("style")
    own.shot("result-en-dark")
    card.get_by_role("button", name="Fit").click()
    expect(card.locator(".dg-percent")).to_have_text("100 %")
    card.get_by_role("button", name="Redraw", exact=True).click()
    expect(styles).to_have_count(1)
    card.get_by_role("button", name="Both").click()
    card.get_by_role("button", name="Full screen").click()
    expect(card.get_by_role("dialog")).to_be_visible()
    own.shot("full-en-dark")
    own.page.keyboard.press("Escape")
    expect(card.get_by_role("dialog")).to_have_count(0)


def test_conversion_by_click_and_by_words(open_chat: Callable[..., Chat], chat: str, tmp_path: Path) -> None:
    own = open_chat(chat, "en-GB")
    own.attach(ENGLISH)
    own.send()
    expect(own.cards.first).to_be_visible(timeout=READ)
    own.cards.first.locator(".dg-formats button[data-format=json]").click()
    link = own.page.get_by_role("link", name=re.compile(r"incident-en\.json"))
    expect(link).to_be_visible(timeout=READ)
    with own.page.expect_download() as download:
        link.click()
    saved = tmp_path / "incident.json"
    download.value.save_as(saved)
    assert '"nodes"' in saved.read_text(encoding="utf-8")
    own.shot("converted-en")
    own.say("convert to svg")
    expect(own.page.get_by_role("link", name=re.compile(r"incident-en\.svg"))).to_be_visible(timeout=READ)
    own.say("переведи в mermaid")
    expect(own.page.get_by_role("link", name=re.compile(r"incident-en\.mmd"))).to_be_visible(timeout=READ)
    own.say("convert to nonsense9")
    own.sees(re.compile(r"There is no format “nonsense9”"))


def test_questions_in_both_languages(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat)
    own.attach(RUSSIAN)
    own.send()
    expect(own.cards.first).to_be_visible(timeout=READ)
    rows = own.cards.first.locator("table tbody tr")
    first, role = rows.first.locator("td").nth(1).inner_text(), rows.first.locator("td").nth(2).inner_text()
    own.say("покажи шаги")
    expect(own.page.locator("table").last.locator("tbody tr")).to_have_count(rows.count(), timeout=READ)
    own.say("сколько шагов?")
    own.sees(re.compile(rf"Всего: {rows.count()} шаг"))
    own.say("кто выполняет шаг 1")
    own.sees(re.compile(rf"Шаг 1 «{re.escape(first)}» — выполняет"))
    own.sees(role)
    own.say("what follows step 1")
    own.sees(re.compile(r"After step 1 "))
    own.say("как дела?")
    own.sees(re.compile(r"Я отвечаю по схеме"))
    own.shot("questions-ru")


def test_pasted_text_is_converted_and_labels_stay_text(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat, "en-GB")
    label = "<img src=x onerror='window.hacked=1'> **bold** [a](javascript:alert(1))"
    nodes = [{"id": "a", "label": label}, {"id": "b", "label": "Second"}]
    own.say(json.dumps({"version": 1, "kind": "flowchart", "nodes": nodes, "edges": [{"source": "a", "target": "b"}]}))
    expect(own.cards.first).to_be_visible(timeout=READ)
    expect(own.cards.first.locator("table td").nth(1)).to_have_text(label)
    own.say("show steps")
    expect(own.page.locator("table").last.locator("tbody td").nth(1)).to_have_text(
        re.compile(r"<img src=x .*\*\*bold\*\*")
    )
    own.say("what follows step 1")
    own.sees(re.compile(r"After step 1 “<img"))
    assert own.page.evaluate("window.hacked === undefined")
    assert own.page.locator("img[src=x]").count() == 0
    own.shot("hostile-en")


def test_sources_are_converted_as_files_and_as_text(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat, "en-GB")
    own.say("flowchart TD\n  a[First] --> b{Sure?}\n  b -->|yes| c[Second]\n  b -->|no| a")
    expect(own.cards.first.locator("table tbody td:nth-child(2)")).to_have_text(["First", "Second"], timeout=READ)
    own.attach(running.EXAMPLES / "order-approval-ru.bpmn")
    own.send()
    expect(own.cards).to_have_count(2, timeout=READ)
    expect(own.cards.last.locator("table tbody tr")).to_have_count(8)
    expect(own.cards.last.locator("table tbody tr").first).to_contain_text("Проверить заявку клиента")
    own.say("flowchart TD\n  a[First --> b")
    own.sees(re.compile(r"diagram: line 2"))


def test_several_files_of_which_some_are_bad(open_chat: Callable[..., Chat], chat: str, tmp_path: Path) -> None:
    own = open_chat(chat)
    truncated = tmp_path / "половина.png"
    truncated.write_bytes(ENGLISH.read_bytes()[:400])
    noise = tmp_path / "noise.png"
    noise.write_bytes(bytes(range(256)) * 8)
    empty = tmp_path / "blank.png"
    empty.write_bytes(b" ")
    good = tmp_path / "хорошая.png"
    shutil.copy(ENGLISH, good)
    own.attach(truncated, noise, empty, good)
    own.send()
    own.sees(re.compile(r"noise\.png — не картинка и не текст схемы"))
    own.sees(re.compile(r"blank\.png пуст"))
    own.sees(re.compile(r"половина\.png: картинка повреждена"))
    expect(own.cards).to_have_count(1, timeout=READ)
    expect(own.cards.first).to_contain_text("хорошая.png")
    own.shot("bad-files-ru")


def test_other_kinds_of_files_are_refused_in_words(open_chat: Callable[..., Chat], chat: str, tmp_path: Path) -> None:
    own = open_chat(chat)
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"PK\x03\x04")
    own.page.locator("#upload-button-input").set_input_files(archive)
    own.sees("Такие файлы не принимаются: пришлите картинку, PDF или исходник схемы", SOON)
    expect(own.page.locator("#attachments > *")).to_have_count(0)


def test_examples_are_offered_and_read(open_chat: Callable[..., Chat], chat: str) -> None:
    assert find_examples(running.EXAMPLES)
    own = open_chat(chat, "en-GB")
    own.page.locator("#starters button").filter(has_text="Example: incident").click()
    expect(own.cards.first).to_be_visible(timeout=READ)
    expect(own.cards.first.get_by_role("img", name="Original")).to_be_visible()
    own.say("help")
    own.sees("Questions")


def test_work_can_be_stopped(open_chat: Callable[..., Chat], chat: str) -> None:
    own = open_chat(chat)
    own.attach(running.EXAMPLES / "purchase-large-ru.png")
    own.send()
    expect(own.page.locator(".dg-working")).to_be_visible(timeout=READ)
    own.shot("working-ru")
    own.page.locator("#stop-button").click()
    own.sees("Остановлено.")
    expect(own.page.locator(".dg-working")).to_have_count(0, timeout=SOON)
    own.say("помощь")
    own.sees("Вопросы")


def test_without_a_server_and_behind_a_password(open_chat: Callable[..., Chat], folder: Path) -> None:
    port = running.free_port()
    url = f"http://127.0.0.1:{port}"
    with running.chat(folder, url, DIAGRASP_CHAT_PASSWORD="открой") as chat:
        own = open_chat(chat, wait=False)
        page = own.page
        page.locator("input[name=email], #email").fill("diagrasp")
        page.locator("input[type=password]").fill("open")
        page.get_by_role("button", name="Войти").click()
        own.sees("Имя или пароль не подходят", SOON)
        own.shot("login-ru")
        page.locator("input[type=password]").fill("открой")
        page.get_by_role("button", name="Войти").click()
        own.ready()
        own.attach(ENGLISH)
        own.send()
        own.sees(re.compile(rf"Сервер diagrasp не отвечает по адресу {re.escape(url)}"))
        own.sees("diagrasp serve --http")
        own.shot("server-down-ru")
        with running.server(folder, port):
            own.say("помощь")
            own.sees(re.compile("Сервер предлагает: .*Mermaid"))
