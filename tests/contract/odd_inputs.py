"""What no HTTP client sends: broken heads, bodies that never end, floods, odd encodings.

Each must be answered, or its connection closed, within a time; never with a 5xx; and with a problem
document wherever the request came as far as our code. What the HTTP library refuses by itself, before any
code of ours runs, has no body: `LIBRARY` marks it.
"""

import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

OURS, LIBRARY = "ours", "library"
# The server gives a body 30 s, and this much is left for the machine to be slow.
ANSWERED_WITHIN_S = 50
TRANSITIONS, BATCH = "/v1/transitions", "/v1/transitions/batch"
CLOSED = "closed"


def request(target, *headers, method="GET", body=b"", version="HTTP/1.1"):
    """A request as bytes; what stands in it is not looked at."""
    head = [f"{method} ".encode() + as_bytes(target) + f" {version}".encode(), b"Host: x", b"Connection: close"]
    head += [as_bytes(header) for header in headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def post(target, content_type, body=b"", *headers):
    typed = [f"Content-Type: {content_type}"] if content_type is not None else []
    return request(target, *typed, f"Content-Length: {len(body)}", *headers, method="POST", body=body)


def heads():
    """Heads that are no HTTP, or odd HTTP."""
    good = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    yield "nothing but line ends", b"\r\n\r\n\r\n\r\n", LIBRARY, {400, 408, CLOSED}
    yield "a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), LIBRARY, {400, 408, CLOSED}
    yield "the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", LIBRARY, {400, 404, 405, CLOSED}
    yield "a method alone", b"GET\r\n\r\n", LIBRARY, {400, CLOSED}
    yield "an unknown version", request("/healthz", version="HTTP/9.9"), LIBRARY, {400, CLOSED}
    yield "HTTP/1.0", request("/healthz", version="HTTP/1.0"), OURS, {200}
    yield "no Host", b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", LIBRARY, {200, 400}
    yield "two Hosts", request("/healthz", "Host: y"), LIBRARY, {200, 400}
    yield "a header without a colon", (good + "nonsense\r\n\r\n").encode(), LIBRARY, {400, CLOSED}
    yield "a space in a header's name", (good + "a b: c\r\n\r\n").encode(), LIBRARY, {400, CLOSED}
    yield "a NUL in a header", (good + "a: b\0c\r\n\r\n").encode(), LIBRARY, {400, CLOSED}
    yield "a folded header", (good + "a: b\r\n c\r\n\r\n").encode(), LIBRARY, {200, 400, CLOSED}
    yield "bare line feeds", b"GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n", OURS, {200, 400}
    yield "a method in lower case", request("/healthz", method="get"), OURS, {405}
    yield "a method nobody knows", request("/healthz", method="PROPFIND"), OURS, {405}
    yield "a very long method", request("/healthz", method="X" * 20_000), LIBRARY, {400, 405, CLOSED}
    yield "OPTIONS *", request("*", method="OPTIONS"), OURS, {204, 400, 404}
    yield "CONNECT", request("example.org:80", method="CONNECT"), OURS, {400, 404, 405}
    yield "TRACE", request("/v1/ledger", method="TRACE"), OURS, {405}
    yield "the absolute form", request("http://example.org/healthz"), OURS, {200, 400, 404}
    yield "an upgrade", request("/healthz", "Upgrade: websocket", "Connection: Upgrade"), OURS, {200, 400}
    yield "an expectation", post(TRANSITIONS, "application/json", b"{}", "Expect: 100-continue"), OURS, {400}
    yield "an unknown expectation", post(TRANSITIONS, "application/json", b"{}", "Expect: tea"), OURS, {400, 417}
    yield "a range", request("/v1/ledger", "Range: bytes=5-2"), OURS, {200}
    yield "two lengths", request(TRANSITIONS, "Content-Length: 2", "Content-Length: 3", method="POST", body=b"{}"), \
        LIBRARY, {400, CLOSED}
    yield "a negative length", request(TRANSITIONS, "Content-Length: -1", method="POST"), LIBRARY, {400, CLOSED}
    yield "a length with a sign", request(TRANSITIONS, "Content-Length: +2", method="POST", body=b"{}"), \
        LIBRARY, {400, CLOSED}
    yield "a length beyond all numbers", request(TRANSITIONS, "Content-Length: " + "9" * 40, method="POST"), \
        LIBRARY, {400, CLOSED}
    yield "a length and chunks", request(
        TRANSITIONS, "Content-Length: 2", "Transfer-Encoding: chunked", method="POST", body=b"2\r\n{}\r\n0\r\n\r\n",
    ), LIBRARY, {400, 415, CLOSED}
    yield "chunks of no size", request(
        TRANSITIONS, "Content-Type: application/json", "Transfer-Encoding: chunked", method="POST", body=b"zz\r\n",
    ), LIBRARY, {400, CLOSED}
    yield "chunks beyond all sizes", request(
        TRANSITIONS, "Content-Type: application/json", "Transfer-Encoding: chunked", method="POST",
        body=b"f" * 40 + b"\r\n",
    ), LIBRARY, {400, CLOSED}
    yield "an unknown transfer encoding", request(TRANSITIONS, "Transfer-Encoding: br", method="POST"), \
        LIBRARY, {400, 411, 415, CLOSED}


def floods():
    """More than there should be of everything."""
    for count in (90, 200, 5_000):
        flood = [f"x-{number}: y" for number in range(count)]
        yield f"{count} headers", request("/healthz", *flood), LIBRARY, {200, 400, 431, CLOSED}
    for size in (8_000, 60_000, 200_000, 2_000_000):
        yield f"a header of {size} bytes", request("/healthz", "x: " + "y" * size), LIBRARY, {200, 400, 431, CLOSED}
        yield f"an address of {size} bytes", request("/v1/identity/" + "A" * size), LIBRARY, \
            {400, 404, 414, 431, CLOSED}
        yield f"a query of {size} bytes", request("/v1/transitions?cursor=" + "A" * size), LIBRARY, \
            {400, 414, 431, CLOSED}
    yield "10,000 media types", request("/v1/blocks/1", "Accept: " + ",".join(["a/b;q=0.1"] * 10_000)), OURS, {200}
    yield "5,000 tags", request("/v1/ledger", "If-None-Match: " + ",".join(['"x"'] * 5_000)), OURS, {200}
    yield "a token of 50,000 bytes", request("/v1/land", "Authorization: Bearer " + "a" * 50_000), OURS, {401}
    deep = b"[" * 30_000 + b"]" * 30_000
    yield "a deep body", post(TRANSITIONS, "application/json", deep), OURS, {400}
    yield "a large body", post(TRANSITIONS, "application/json", b" " * 5_000_000), OURS, {413}
    yield "a huge body", post(TRANSITIONS, "application/json", b" " * 40_000_000), OURS, {413, CLOSED}
    yield "a batch of line ends", post(BATCH, "application/x-ndjson", b"\n" * 2_000_000), OURS, {200}
    yield "a batch of nonsense", post(BATCH, "application/x-ndjson", b"{}\n" * 20_000), OURS, {200}
    yield "50 requests at once", request("/healthz").replace(b"Connection: close\r\n", b"") * 49 + \
        request("/healthz"), OURS, {200}


ODD_PARTS = [
    "%00", "%2F", "%2f..%2f", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", "..", ".", "%", "%G1", "%ff", "%C0%AF",
    "%ED%A0%80", "%u0041", "%252F", "%25", "+", "%2B", "%20", "%0d%0aX-Injected:%20y", ";a=b", "a;b", "a\\b",
    "//", "a//b", "*", "'--", "%27%20OR%201%3D1", "%F0%9F%98%80", "%E2%80%AE", "-1", "18446744073709551615",
    "18446744073709551616", "9223372036854775808", "0x10", "1e3", "%2B1", "null", "true", "[]", "{}", "%22", "%3Cx%3E",
]
RAW_PARTS = [b"\xff", b"\xc3\xa9", "é".encode("utf-16-le"), b"\x01", b"\x7f", b"a b", b"\t", b"<x>"]
PLACES = [
    "/{}", "/v1/{}", "/v1/identity/{}", "/v1/identity/{}/did", "/v1/marriages/{}/proof", "/v1/parcels/{}/history",
    "/v1/artworks/event/{}", "/v1/transitions/{}", "/v1/transitions/{}/receipt", "/v1/transitions/{}/events",
    "/v1/blocks/{}", "/v1/log/tile/{}", "/v1/audit/parties/{}/deeds", "/v1/audit/orders/{}/deeds", "/problems/{}",
    "/docs/{}", "/static/{}", "/v1/transitions?subject={}", "/v1/transitions?cursor={}", "/v1/transitions?from={}",
    "/v1/transitions?{}", "/v1/transitions?{}=1", "/v1/blocks?cursor={}", "/v1/blocks?limit={}",
    "/v1/log/pools?after={}", "/v1/log/handovers?after={}", "/v1/log/proofs/inclusion?position={}",
    "/v1/log/proofs/inclusion?position=0&size={}", "/v1/log/proofs/consistency?from={}",
    "/v1/log/proofs/consistency?from=0&to={}", "/v1/audit/frozen?cursor={}", "/v1/audit/frozen?as_of={}",
    "/v1/parcel-numbers?number={}", "/v1/identity?party={}", "/v1/ledger?{}",
]


def addresses(party):
    """Percent-encodings and what stands in an address by mistake."""
    places = PLACES + [f"/v1/parcels?party={party}&{name}={{}}" for name in ("relation", "as_of", "cursor", "limit")]
    for place in places:
        for part in ODD_PARTS:
            yield f"{place} with {part}", request(place.format(part)), OURS, range(200, 500)
        before, _, after = place.partition("{}")
        for part in RAW_PARTS:
            target = before.encode() + part + after.encode()
            yield f"{place} with {part!r}", request(target), LIBRARY, {*range(200, 500), CLOSED}
    for target in ["//v1/ledger", "/v1/ledger/", "/V1/LEDGER", "/v1/./ledger", "/v1/../v1/ledger", "/v1//ledger"]:
        yield target, request(target), OURS, {200, 404}


def repeated(party):
    """A parameter that stands twice is refused, whatever it says."""
    for target in [
        "/v1/blocks?limit=1&limit=1", "/v1/blocks?cursor=1&limit=1&cursor=1", "/v1/transitions?limit=1&limit=2",
        f"/v1/identity?party={party}&party={party}", f"/v1/identity/{party}?as_of=1&as_of=1",
        f"/v1/identity/{party}?proofs=true&proofs=true", "/v1/log/proofs/inclusion?position=0&position=0",
        "/v1/log/pools?after=0&after=0", "/v1/events?after=0&after=0", "/v1/audit/frozen?limit=1&limit=1",
        f"/v1/identity/{party}/history?limit=1&%6cimit=1", "/v1/parcel-numbers?number=1&number=2",
    ]:
        yield f"twice: {target}", request(target), OURS, {400}
    for target in ["/v1/ledger?", "/v1/ledger?&", "/v1/blocks?&&limit=1&"]:
        yield f"empty parts: {target}", request(target), OURS, {200, 400}
    for target in ["/v1/ledger?x", "/v1/ledger?x=1", "/v1/ledger?=1", "/healthz?x", "/v1/network?x=y"]:
        yield f"unknown: {target}", request(target), OURS, {400}


def headers(party):
    """Headers with odd values."""
    raw = [b"\xff\xfe", b"", b"=", b"a=b=c", b'"', b",,,", b"\t"]
    for value in raw:
        for name in [b"Accept", b"If-None-Match", b"Accept-Encoding", b"Origin", b"Cookie", b"User-Agent"]:
            odd = name + b": " + value
            yield f"{odd!r}", request(f"/v1/identity/{party}", odd), OURS, {200, 304, 406}
        yield f"Authorization: {value!r}", request("/v1/land", b"Authorization: " + value), OURS, {401}
        yield f"Last-Event-ID: {value!r}", request("/v1/events", b"Last-Event-ID: " + value), OURS, {400}
        yield f"Prefer: {value!r}", post(TRANSITIONS, "application/json", b"{}", b"Prefer: " + value), OURS, {400}
    for value in ["Basic YTpi", "Bearer", "Bearer ", "Bearer a.b.c", "Bearer ..", "bearer\ta"]:
        yield f"Authorization: {value}", request("/v1/land", f"Authorization: {value}"), OURS, {401}
    for value in ["-1", "1.5", "18446744073709551616", "p1", "settled"]:
        yield f"Last-Event-ID: {value}", request("/v1/events", f"Last-Event-ID: {value}"), OURS, {400}
    for value in ["wait=-1", "wait=" + "9" * 40, "wait", "wait=;", "respond-async, wait=0"]:
        yield f"Prefer: {value}", post(TRANSITIONS, "application/json", b"{}", f"Prefer: {value}"), OURS, {400}
    for place in ["/", "/docs/", "/openapi.json", "/static/front.js", "/metrics", "/problems"]:
        for encoding in ["gzip", "br", "zstd", "identity;q=0", "*;q=0", "nonsense"]:
            yield f"{place} as {encoding}", request(place, f"Accept-Encoding: {encoding}"), OURS, {200, 406}


def content_types():
    """Bodies of other types than are taken."""
    for place, body in [(TRANSITIONS, b"{}"), (BATCH, b"{}\n")]:
        for content_type in [
            None, "", "text/plain", "text/html", "multipart/form-data; boundary=x", "application/xml", "nonsense",
            "application/x-www-form-urlencoded", "*/*", "application/*", "application/jsonx", ";", "é",
        ]:
            yield f"{place} as {content_type}", post(place, content_type, body), OURS, {415}
        yield f"{place} encoded", post(place, "application/json", body, "Content-Encoding: gzip"), OURS, {415}
        yield f"{place} by PUT", post(place, "application/json", body).replace(b"POST", b"PUT", 1), OURS, {405}
    for content_type in ["application/json; charset=utf-16", "APPLICATION/JSON", "application/jose+json ; x=y"]:
        yield content_type, post(TRANSITIONS, content_type, b"{}"), OURS, {400}
    yield "a body with GET", request("/v1/ledger", "Content-Length: 2", body=b"{}"), OURS, {200}


def tiles():
    """Tiles of the log, whose addresses have slashes that no parameter of a path may have."""
    for path in ["0/000.p/9", "0%2F000.p%2F9"]:
        yield f"tile {path}", request(f"/v1/log/tile/{path}"), OURS, {200}
    yield "entries of a public stretch", request("/v1/log/tile/entries/000.p/3"), OURS, {200}
    yield "entries that a stranger may not see", request("/v1/log/tile/entries/000.p/170"), OURS, {403}
    for path in ["0/000.p/0", "0/000.p/256", "0/000.p/257", "8/000", "entries/x001/000", "0/999", "data/000", "0/0000"]:
        yield f"tile {path}", request(f"/v1/log/tile/{path}"), OURS, {404}


def dripping(part, pause_s, first=b""):
    """A body that goes on for ever."""
    def send(connection):
        connection.sendall(first)
        while True:
            time.sleep(pause_s)
            connection.sendall(part)
    return send


def never_ending():
    """Heads and bodies that do not end; these take the time that the server gives them."""
    posted = "Content-Type: application/json"
    chunked = request(TRANSITIONS, posted, "Transfer-Encoding: chunked", method="POST")
    lines = request(BATCH, "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked", method="POST")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    yield "a connection that says nothing", b"", LIBRARY, {408, CLOSED}
    yield "a head that stops", b"GET /healthz HTTP/1.1\r\nHo", LIBRARY, {400, 408, CLOSED}
    yield "a head that drips", dripping(b"x: y\r\n", 1, b"GET /healthz HTTP/1.1\r\nHost: x\r\n"), LIBRARY, {408, CLOSED}
    yield "a body that stops", request(TRANSITIONS, posted, "Content-Length: 9", method="POST", body=b"{"), OURS, {408}
    yield "a body that never begins", request(TRANSITIONS, posted, "Content-Length: 9", method="POST"), OURS, {408}
    yield "a body that drips", dripping(b"1\r\n \r\n", 2, chunked), OURS, {408}
    yield "a body that floods", dripping(chunk, 0, chunked), OURS, {413, CLOSED}
    yield "a batch that stops", request(BATCH, "Content-Type: application/x-ndjson", "Content-Length: 9",
                                        method="POST", body=b"{}\n{"), OURS, {200}
    yield "a line that floods", dripping(chunk, 0.01, lines), OURS, {200, CLOSED}
    yield "a body that nobody wants", request("/v1/ledger", "Content-Length: 100000000", body=b"x" * 70_000), OURS, \
        {200, CLOSED}


class Odd:
    """Sends each, and keeps what was wrong."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.statuses, self.wrong = {}, []
        self.lock = threading.Lock()

    def run(self, cases, at_once=8):
        """Sends all of them, some at a time: those that wait take no processor."""
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self.try_one, cases))

    def try_one(self, case):
        name, sent, by, expected = case
        began = time.monotonic()
        status, why = self.answer_to(sent, by)
        if time.monotonic() - began > ANSWERED_WITHIN_S:
            why = f"took {time.monotonic() - began:.0f} s"
        if status not in expected and why is None:
            why = f"answered {status}"
        with self.lock:
            group = f"{status // 100}xx" if isinstance(status, int) else status
            self.statuses[group] = self.statuses.get(group, 0) + 1
            if why is not None:
                self.wrong.append(f"{name}: {why}")

    def answer_to(self, sent, by):
        """The status of the answer, and what is wrong with it."""
        with socket.create_connection(self.address, timeout=ANSWERED_WITHIN_S) as connection:
            answer = received(connection, sent)
        if answer is None:
            return "hung", "neither answered nor closed"
        if not answer:
            return CLOSED, None
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status == 100:
            head, _, body = body.partition(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
        if status >= 500:
            return status, f"answered {status}: {body[:300]!r}"
        if status >= 400 and by is OURS:
            return status, wrong_with_problem(status, head, body)
        if b"x-injected" in head.lower():
            return status, "a header was injected"
        return status, None


def received(connection, sent):
    """What came back until the other side closed, or has said enough; `None` if it did neither."""
    stop = threading.Event()
    send = sent if callable(sent) else lambda connection: connection.sendall(sent)

    def sending():
        try:
            send(connection)
        except OSError:
            pass
        stop.set()

    threading.Thread(target=sending, daemon=True).start()
    answer, deadline = b"", time.monotonic() + ANSWERED_WITHIN_S
    try:
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            part = connection.recv(65_536)
            answer += part
            if not part or is_whole(answer):
                return answer
    except TimeoutError:
        return answer or None
    except OSError:
        return answer
    return answer or None


def is_whole(answer):
    """Whether an answer has come to its end; of a stream, or one without a length, that it has begun."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
    if head.startswith(b"HTTP/1.1 100"):
        return is_whole(body)
    if length and end:
        return len(body) >= int(length[1])
    return b"text/event-stream" in head or len(body) > 1_000_000 or answer.endswith(b"\r\n0\r\n\r\n")


def wrong_with_problem(status, head, body):
    """What a problem document lacks."""
    lines = head.lower().split(b"\r\n")
    if b"content-type: application/problem+json" not in lines:
        return f"{status} without a problem document: {head!r}"
    if b"transfer-encoding: chunked" in lines:
        return None
    try:
        problem = json.loads(body)
    except ValueError as error:
        return f"{status}: {error}: {body[:200]!r}"
    if problem.get("status") != status or not problem.get("code") or not problem.get("remedy"):
        return f"{status}: not a whole problem: {problem}"
    return None


def try_all(url, party):
    """Everything odd: how many by status, and what was wrong."""
    odd = Odd(url)
    slow = threading.Thread(target=odd.run, args=(list(never_ending()), 16))
    slow.start()
    for cases in (heads(), floods(), addresses(party), repeated(party), headers(party), content_types(), tiles()):
        odd.run(list(cases))
    slow.join()
    odd.run([("still there", request("/readyz"), OURS, {200})])
    return odd.statuses, odd.wrong
