"""Who comes in, and how: Unix sockets, client certificates, bodies in every lawful form, requests shaped to smuggle another one, and clients that hold memory."""

import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import threading
import time

import httpx
import openai
import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway, client_certificate, make_ca, wait_for
from provider import Provider

BODY = json.dumps({"model": "echo", "messages": [{"role": "user", "content": "hello"}]}).encode()
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
ASK = {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(scope="module")
def own_provider(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def gateway(own_provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0]) + "limits: {body_mib: 1, audio_mib: 1}\n", policy=POLICY) as gateway:
        yield gateway


def send(port, data):
    """Everything that comes back until the other side closes, or is silent for a second."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(data)
        return read_on(s)


def read_on(s, timeout_s=1):
    s.settimeout(timeout_s)
    got = b""
    try:
        while part := s.recv(65536):
            got += part
    except (TimeoutError, ConnectionResetError):
        pass
    return got


# -- Unix sockets

@pytest.fixture(scope="module")
def on_unix(own_provider, ca, tmp_path_factory):
    path = tmp_path_factory.mktemp("socket") / "demarc.sock"
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0]), policy=POLICY, also_listen=[f"unix:{path}"]) as gateway:
        gateway.socket_path = path
        yield gateway


def test_the_openai_sdk_is_served_on_a_unix_socket(on_unix):
    client = openai.OpenAI(base_url="http://localhost/v1", api_key="sk-unused", max_retries=0, http_client=httpx.Client(transport=httpx.HTTPTransport(uds=str(on_unix.socket_path))))
    assert client.chat.completions.create(**ASK).choices[0].message.content == "hello"


def test_only_its_owner_may_use_the_socket(on_unix):
    assert stat.S_IMODE(os.stat(on_unix.socket_path).st_mode) == 0o600


def test_the_command_line_reaches_a_gateway_on_a_unix_socket(on_unix):
    done = subprocess.run([on_unix.binary, "status", "--json"], env={**on_unix.env, "DEMARC_URL": f"unix:{on_unix.socket_path}"}, capture_output=True, text=True, timeout=30)
    assert json.loads(done.stdout)["pid"] == on_unix.process.pid


# -- TLS with client certificates, and keys besides

@pytest.fixture(scope="module")
def behind_tls(own_provider, ca, tmp_path_factory):
    config = "keys: required\nupstreams:\n" + cloud_upstream(own_provider, ca[0]) + f"tls: {{cert: {ca[1]}, key: {ca[2]}, client_ca: {ca[0]}}}\n"
    gateway = Gateway(config, policy=POLICY)
    gateway.start(wait=False)
    try:
        wait_for(lambda: "serving on https://" in gateway.log_text())
        gateway.key = gateway.cli("keys", "create", "--name", "over-tls").stdout.strip()
        gateway.certificate = client_certificate(tmp_path_factory.mktemp("client"), ca[0].parent)
        yield gateway
    finally:
        gateway.stop()


def over_tls(gateway, ca, certificate, key):
    context = ssl.create_default_context(cafile=str(ca[0]))
    if certificate:
        context.load_cert_chain(*certificate)
    client = openai.OpenAI(base_url=f"https://localhost:{gateway.port}/v1", api_key=key, max_retries=0, http_client=httpx.Client(verify=context))
    return client.chat.completions.create(**ASK).choices[0].message.content


def test_the_right_certificate_and_a_key_are_served(behind_tls, ca):
    assert over_tls(behind_tls, ca, behind_tls.certificate, behind_tls.key) == "hello"


def test_the_right_certificate_without_a_key_is_not_enough(behind_tls, ca):
    with pytest.raises(openai.AuthenticationError):
        over_tls(behind_tls, ca, behind_tls.certificate, "sk-none")


def test_a_key_without_a_certificate_is_not_enough(behind_tls, ca):
    with pytest.raises(openai.APIConnectionError):
        over_tls(behind_tls, ca, None, behind_tls.key)


def test_a_certificate_of_another_authority_is_refused(behind_tls, ca, tmp_path):
    make_ca(tmp_path)
    with pytest.raises(openai.APIConnectionError):
        over_tls(behind_tls, ca, client_certificate(tmp_path, tmp_path), behind_tls.key)


def test_beyond_loopback_serving_needs_a_key(own_provider, ca):
    config = "upstreams:\n" + cloud_upstream(own_provider, ca[0]) + f"tls: {{cert: {ca[1]}, key: {ca[2]}}}\n"
    gateway = Gateway(config, policy=POLICY)
    gateway.config_file.write_text(gateway.config_file.read_text().replace("127.0.0.1:" + str(gateway.port), f"0.0.0.0:{gateway.port}"))
    gateway.start(wait=False)
    assert gateway.process.wait(20) == 1 and "demarc keys create" in gateway.log_text()


# -- bodies in every lawful form

def test_a_body_in_chunks_is_read_whole(gateway):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(BODY[i:i + 7]), BODY[i:i + 7]) for i in range(0, len(BODY), 7)) + b"0\r\n\r\n"
    assert b'"hello"' in send(gateway.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)


def test_who_expects_100_continue_gets_it_before_the_body(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as s:
        s.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        assert s.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(BODY)
        assert s.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_two_requests_in_one_packet_get_their_answers_in_order(gateway):
    first, second = (HEAD + b"Content-Length: %d\r\n\r\n" % len(b) + b for b in (BODY.replace(b"hello", b"first"), BODY.replace(b"hello", b"other")))
    got = send(gateway.port, first + second)
    assert 0 < got.index(b'"first"') < got.index(b'"other"')


# -- too large: said in the caller's dialect before the body is there

@pytest.mark.parametrize("path,words", [("/v1/chat/completions", b'"type":"invalid_request_error"'), ("/v1/messages", b'"type":"request_too_large"'), ("/v1/audio/transcriptions", b'"type":"invalid_request_error"')])
def test_a_body_declared_too_large_is_refused_before_it_comes(gateway, path, words):
    got = send(gateway.port, f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n".encode())
    assert got.startswith(b"HTTP/1.1 413 ") and words in got.replace(b'": "', b'":"'), got


def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(gateway):
    got = send(gateway.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (1_100_000, b"x" * 1_100_000))
    assert got.startswith(b"HTTP/1.1 413 "), got


def test_who_expects_100_continue_for_too_large_a_body_gets_413(gateway):
    assert send(gateway.port, HEAD + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n").startswith(b"HTTP/1.1 413 ")


# -- requests that two readers would cut differently

SMUGGLED = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY.replace(b"hello", b"SMUGGLED"))
SHAPES = {
    "length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": HEAD + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(BODY) + BODY + SMUGGLED,
    "a list of lengths": HEAD + b"Content-Length: 0, %d\r\n\r\n" % len(BODY) + BODY + SMUGGLED,
    "line feeds alone": HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + SMUGGLED,
    "a folded header": HEAD + b"X-A: b\r\n Content-Length: 0\r\n\r\n" + SMUGGLED,
    "a space before the colon": HEAD + b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "chunked after another coding": HEAD + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk's size ended by a line feed": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\n\r\n" + SMUGGLED,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_request_shaped_to_smuggle_another_gets_one_4xx_and_the_end(gateway, own_provider, shape):
    other = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)

    def ask_beside():
        other.request("POST", "/v1/chat/completions", BODY, {"content-type": "application/json"})
        reply = other.getresponse()
        return reply.status, reply.read()

    assert ask_beside()[0] == 200
    before = len(own_provider.received)
    with socket.create_connection(("127.0.0.1", gateway.port)) as s:
        s.sendall(SHAPES[shape])
        got = read_on(s, 5)
        assert got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1 ") == 1, got
    assert len(own_provider.received) == before and b"SMUGGLED" not in own_provider.everything()
    assert ask_beside()[0] == 200  # on the connection that was open before


# -- clients that hold memory

def resident_mib(gateway):
    return int(next(line for line in open(f"/proc/{gateway.process.pid}/status") if line.startswith("VmRSS")).split()[1]) / 1024


STALLED = 10


@pytest.fixture(scope="module")
def stalled(ca):
    """A gateway with STALLED streams without end whose clients read nothing, once nothing moves any more."""
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=["endless", "echo"]), policy=POLICY) as gateway:
        assert gateway.chat("warm", model="echo").status == 200
        gateway.before_mib, gateway.provider = resident_mib(gateway), provider
        body = json.dumps({"model": "endless", "stream": True, "messages": [{"role": "user", "content": "go"}]}).encode()
        gateway.clients = []
        for _ in range(STALLED):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # before connecting: a small window
            s.connect(("127.0.0.1", gateway.port))
            s.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            gateway.clients.append(s)
        wait_for(lambda: len(provider.received) == STALLED + 1)

        def still():
            seen = provider.streamed_bytes
            time.sleep(0.5)  # a pause this long is what standing still means
            return seen > 0 and provider.streamed_bytes == seen

        wait_for(still, 60)
        yield gateway
        for s in gateway.clients:
            s.close()
    provider.stop()


def test_a_client_that_does_not_read_slows_its_upstream_to_a_standstill(stalled):
    assert stalled.provider.streamed_bytes < STALLED * 8 * 2**20  # what the kernel's buffers on both sides take


def test_streams_that_nobody_reads_hold_bounded_memory(stalled):
    grown_mib = resident_mib(stalled) - stalled.before_mib
    assert grown_mib < STALLED * 0.5, f"{grown_mib:.1f} MiB for {STALLED} streams"


def test_beside_streams_that_nobody_reads_others_are_served(stalled):
    assert stalled.chat("hello", model="echo").json["choices"][0]["message"]["content"] == "hello"


def test_a_stream_goes_on_where_it_stood_when_its_client_reads_again(stalled):
    s, got = stalled.clients[0], b""
    s.settimeout(20)
    while got.count(b"word") < 3000:
        got += s.recv(65536)
    words = [json.loads(line[6:])["choices"][0]["delta"].get("content") for line in got.decode().splitlines() if line.startswith("data: {") and line.endswith("}")]
    assert [w for w in words if w][:2500] == [f"word{i} " for i in range(2500)]


def test_many_uploads_that_are_held_back_stay_below_the_limit_in_all(own_provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0]) + "limits: {buffered_mib: 100, audio_mib: 50}\n", policy=POLICY) as gateway:
        before_mib, size = resident_mib(gateway), 20_000_000
        head = b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % size
        clients, piece = [], b"x" * 1_000_000

        def upload():
            s = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)
            clients.append(s)
            try:
                s.sendall(head)
                for _ in range(19):  # and the rest never comes
                    s.sendall(piece)
            except OSError:
                pass  # refused in the middle

        threads = [threading.Thread(target=upload) for _ in range(50)]
        for thread in threads:
            thread.start()
        peak_mib = 0
        while any(thread.is_alive() for thread in threads):
            peak_mib = max(peak_mib, resident_mib(gateway))
            time.sleep(0.01)
        peak_mib = max(peak_mib, resident_mib(gateway))
        refused = 0
        for s in clients:
            s.settimeout(0.01)
            try:
                refused += s.recv(100).startswith(b"HTTP/1.1 503 ")
            except ConnectionResetError:
                refused += 1
            except TimeoutError:
                pass
            s.close()
        assert peak_mib - before_mib < 130 and refused >= 44, (peak_mib, before_mib, refused)
        wait_for(lambda: gateway.chat("after", model="echo").status == 200)
