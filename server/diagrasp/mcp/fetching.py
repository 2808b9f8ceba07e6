"""Fetching a picture from an https URL without becoming somebody's proxy into the local network.

The name is resolved once, every address it has must be a public one, and the connection goes to the very address that
was checked (so a second answer of the name server cannot redirect it), while TLS still verifies the name.  Only port
443, no proxies from the environment, redirects only within the host, one deadline and one size limit over everything.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import anyio
import anyio.to_thread

from diagrasp import __version__
from diagrasp.errors import ForbiddenError, InputError, TooLargeError

REDIRECTS = 3
CHUNK = 64 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, also where IPv6 wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host.  Raises OSError."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Fetcher:
    """Gets bytes from https URLs.

    Attributes:
        max_bytes: the most that an answer may hold.
        timeout: seconds for everything together: name, connection, redirects, body.
        ports: the ports that may be spoken to.
        resolver, allowed, context: how names become addresses, which addresses may be spoken to, and TLS.
    """

    max_bytes: int
    timeout: float = 20.0
    ports: frozenset[int] = frozenset({443})
    resolver: Resolver = resolve
    allowed: Callable[[Address], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    async def fetch(self, url: str) -> bytes:
        """The bytes behind an https URL.

        Raises:
            ForbiddenError: no https URL, or one that leads to another port, host or a non-public address.
            TooLargeError: more than `max_bytes`.
            InputError: the host cannot be reached, took too long, or answers with something else than 200.
        """
        deadline = time.monotonic() + self.timeout
        try:
            with anyio.fail_after(self.timeout + 1):
                return await anyio.to_thread.run_sync(self._fetch, url, deadline, abandon_on_cancel=True)
        except TimeoutError:
            raise InputError(f"{_short(url)} did not answer within {self.timeout:g} s") from None

    def _fetch(self, url: str, deadline: float) -> bytes:
        host = self._check(url).hostname
        for _ in range(REDIRECTS + 1):
            parts = self._check(url)
            if parts.hostname != host:
                raise ForbiddenError(f"{_short(url)}: redirects to another host are not followed")
            try:
                answer = self._get(parts, deadline)
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException) as error:
                raise InputError(f"{_short(url)} cannot be fetched: {_reason(error)}") from None
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
        raise InputError(f"{_short(url)}: more than {REDIRECTS} redirects")

    def _check(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            raise ForbiddenError("the URL is not well-formed") from None
        if parts.scheme != "https" or not parts.hostname:
            raise ForbiddenError("only https URLs are fetched")
        if parts.username or parts.password:
            raise ForbiddenError("URLs with a user name or password are not fetched")
        if port not in self.ports:
            raise ForbiddenError(f"{_short(url)}: only port 443 is spoken to")
        return parts

    def _address(self, host: str, port: int) -> str:
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError):
            raise InputError(f"the host {host!r} is not known") from None
        # One address that is not public condemns the name: which one a client gets would be the name server's choice.
        if not found or not all(self.allowed(ipaddress.ip_address(a.partition("%")[0])) for a in found):
            raise ForbiddenError(f"the host {host!r} is not on the public internet")
        return found[0]

    def _get(self, parts: SplitResult, deadline: float) -> bytes | str:
        """The body, or where a redirect points."""
        host, port = parts.hostname or "", parts.port or 443
        address = self._address(host, port)
        connection = _Pinned(host, port, address=address, context=self.context, timeout=_left(deadline))
        answer: http.client.HTTPResponse | None = None
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"Accept": "image/*, */*;q=0.5", "User-Agent": _agent()})
            connection.patience(_left(deadline))
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308) and (target := answer.getheader("Location")):
                return target
            if answer.status != 200:
                raise InputError(f"{_short(parts.geturl())} answered with status {answer.status}")
            if (answer.length or 0) > self.max_bytes:
                raise self._too_large()
            body = bytearray()
            while chunk := answer.read1(CHUNK):
                body += chunk
                if len(body) > self.max_bytes:
                    raise self._too_large()
                connection.patience(_left(deadline))
            return bytes(body)
        finally:
            if answer is not None:
                answer.close()  # it outlives the connection where the server closes after it
            connection.close()

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the file behind the URL exceeds {self.max_bytes} bytes (DIAGRASP_MAX_BYTES)")


class _Pinned(http.client.HTTPSConnection):
    """Speaks to one address whatever the name resolves to by now; TLS verifies the name."""

    def __init__(self, host: str, port: int, *, address: str, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, port, context=context, timeout=timeout)
        self._address, self._tls = address, context
        self._wire: ssl.SSLSocket  # `sock` is let go of before the last answer has been read

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._wire = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def patience(self, seconds: float) -> None:
        """Bound the next wait for bytes."""
        if self._wire.fileno() >= 0:
            self._wire.settimeout(seconds)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _short(url: str) -> str:
    """A URL without its query, which may hold secrets, for messages."""
    bare = url.partition("?")[0].partition("#")[0]
    scheme, _, rest = bare.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:200]


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    return getattr(error, "strerror", None) or type(error).__name__


def _agent() -> str:
    return f"diagrasp/{__version__}"
