"""Over TLS: a certificate that is trusted, and one that is not."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
import pytest
from mien.v1.emotion_pb2_grpc import add_EmotionServiceServicer_to_server

from mien_gateway.grpc.interceptors import AccessInterceptor
from mien_gateway.grpc.servicer import EmotionServicer
from tests.fakes.gateway import JPEG, FakeGateway
from tests.fakes.sockets import served

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")

PROGRAM = f"""
import sys
from mien_client import Client, MienError
for url in sys.argv[1:]:
    with Client(url) as client:
        try:
            faces = client.analyze({JPEG!r}).faces
            frames = list(client.stream([{JPEG!r}], consent=True))
            print(len(faces), len(frames))
        except MienError as error:
            print(error)
"""


@dataclass(frozen=True)
class Certificate:
    """A key, a certificate of it, and both as gRPC takes them."""

    key: Path
    path: Path
    credentials: grpc.ServerCredentials


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A key, and a certificate of this machine's that it has signed itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    return Certificate(key, certificate, credentials)


@asynccontextmanager
async def secure(gateway: FakeGateway, certificate: Certificate) -> AsyncIterator[list[str]]:
    """Serve a gateway over both transports, encrypted; yields its URLs."""
    server = grpc.aio.server(interceptors=(AccessInterceptor(gateway.core, 1_000_000),))
    add_EmotionServiceServicer_to_server(EmotionServicer(gateway.core), server)
    port = server.add_secure_port("127.0.0.1:0", certificate.credentials)
    await server.start()
    options = {"ssl_keyfile": certificate.key, "ssl_certfile": certificate.path}
    async with served(gateway, **options) as host:
        yield [f"https://localhost:{host.rpartition(':')[2]}", f"grpcs://localhost:{port}"]
    await server.stop(0)


async def said(urls: list[str], **variables: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, *urls),
        env=os.environ | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode().splitlines()


async def test_what_is_trusted_is_asked(certificate: Certificate) -> None:
    """Pictures and streams, over both transports; else the reason and the remedy are told."""
    async with secure(FakeGateway(), certificate) as urls:
        trusted = str(certificate.path)
        found = await said(urls, SSL_CERT_FILE=trusted, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=trusted)
        assert found == ["1 1", "1 1"]
        for url, words in zip(urls, await said(urls), strict=True):
            assert url in words
            assert "CERTIFICATE_VERIFY_FAILED" in words
            assert "SSL_CERT_FILE" in words
