"""URLs: a real TLS server on this machine, reached only where the test says that its address is public."""

from __future__ import annotations

import datetime as dt
import http.server
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from diagrasp.errors import ForbiddenError, InputError, TooLargeError
from diagrasp.mcp.fetching import Fetcher, is_public

pytestmark = pytest.mark.anyio
HOST = "pictures.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        path = self.path.partition("?")[0]
        if path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 500)
                    time.sleep(0.01)
            except OSError:
                pass
        elif path == "/slow":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    time.sleep(0.1)
            except OSError:
                pass
        elif path == "/picture.png":
            self.send_response(200)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(b"picture")
        elif path == "/huge":
            self.send_response(200)
            self.send_header("Content-Length", str(10**9))
            self.end_headers()
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    hosts: list[str]

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.hosts = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    thread = threading.Thread(target=found.serve_forever, args=(0.05,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def port(server: Server) -> int:
    return server.server_address[1]


@pytest.fixture
def fetcher(certificate: Path, port: int) -> Fetcher:
    """Believes that the name has this machine's address, and that the address is public."""
    return Fetcher(
        max_bytes=1000,
        timeout=2.0,
        ports=frozenset({port}),
        resolver=lambda host, _: ["127.0.0.1"] if host == HOST else [],
        allowed=lambda _: True,
        context=ssl.create_default_context(cafile=str(certificate)),
    )


async def test_fetches_and_names_the_host_it_meant(fetcher: Fetcher, server: Server, port: int) -> None:
    assert await fetcher.fetch(f"https://{HOST}:{port}/picture.png?size=1") == b"picture"
    assert server.hosts[-1] == f"{HOST}:{port}"


async def test_follows_redirects_within_the_host_only(fetcher: Fetcher, port: int) -> None:
    assert await fetcher.fetch(f"https://{HOST}:{port}/to//picture.png") == b"picture"
    with pytest.raises(ForbiddenError, match="another host"):
        await fetcher.fetch(f"https://{HOST}:{port}/to/https://localhost:{port}/picture.png")
    with pytest.raises(ForbiddenError, match="https"):
        await fetcher.fetch(f"https://{HOST}:{port}/to/http://{HOST}:{port}/picture.png")
    with pytest.raises(ForbiddenError, match="https"):
        await fetcher.fetch(f"https://{HOST}:{port}/to/file:///etc/passwd")
    with pytest.raises(InputError, match="redirects"):
        await fetcher.fetch(f"https://{HOST}:{port}/loop")


async def test_bounds_size_and_time(fetcher: Fetcher, port: int) -> None:
    for path in ("huge", "endless"):
        with pytest.raises(TooLargeError):
            await fetcher.fetch(f"https://{HOST}:{port}/{path}")
    started = time.monotonic()
    with pytest.raises(InputError, match="did not answer within 2 s"):
        await fetcher.fetch(f"https://{HOST}:{port}/slow")
    assert time.monotonic() - started < 4


async def test_other_answers(fetcher: Fetcher, port: int) -> None:
    with pytest.raises(InputError, match="status 404"):
        await fetcher.fetch(f"https://{HOST}:{port}/missing?key=secret")
    with pytest.raises(InputError, match="public"):
        await fetcher.fetch(f"https://unknown.example:{port}/")


async def test_errors_do_not_repeat_the_query(fetcher: Fetcher, port: int) -> None:
    with pytest.raises(InputError) as error:
        await fetcher.fetch(f"https://{HOST}:{port}/missing?key=secret#part")
    assert "secret" not in str(error.value)


async def test_the_certificate_must_be_of_the_name(fetcher: Fetcher, port: int) -> None:
    other = Fetcher(
        max_bytes=1000, ports=fetcher.ports, resolver=lambda *_: ["127.0.0.1"], allowed=fetcher.allowed,
        context=fetcher.context,
    )  # fmt: skip
    with pytest.raises(InputError, match="certificate"):
        await other.fetch(f"https://other.example:{port}/picture.png")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2002:a00:1::", "2001:db8::1",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public(port: int, certificate: Path, address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    context = ssl.create_default_context(cafile=str(certificate))
    guarded = Fetcher(1000, ports=frozenset({port}), resolver=lambda *_: ["93.184.216.34", address], context=context)
    with pytest.raises(ForbiddenError, match="public"):
        await guarded.fetch(f"https://{HOST}:{port}/picture.png")


def test_addresses_that_are_public() -> None:
    for address in ("93.184.216.34", "8.8.8.8", "2606:4700::1111"):
        assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.png",
        "https://user:password@example.com/a.png",
        "https://example.com:22/a.png",
        "https:///a.png",
        "https://[::1/a.png",
        "https://example.com:99999/",
        "https://127.0.0.1/a.png",
        "https://localhost/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://[::1]/a.png",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
async def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(ForbiddenError):
        await Fetcher(1000).fetch(url)
