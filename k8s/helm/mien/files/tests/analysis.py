"""Run by `helm test`: a small grey picture is analysed, and has no face."""

import http
import json
import os
import struct
import sys
import urllib.error
import urllib.request

SIDE = 96


def grey_picture() -> bytes:
    """Return a BMP: the one format that needs no library."""
    pixels = bytes([128]) * (3 * SIDE * SIDE)
    information = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + information + pixels


headers = {"Content-Type": "image/bmp", "Cache-Control": "no-store"}
if key := os.environ.get("API_KEY"):
    headers["X-Api-Key"] = key
request = urllib.request.Request(  # noqa: S310 (the chart's own URL)
    os.environ["GATEWAY_URL"] + "/v1/analyze", data=grey_picture(), headers=headers
)
try:
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (as above)
        result = json.loads(answer.read())
except urllib.error.HTTPError as error:
    problem = error.read().decode()
    if error.code == http.HTTPStatus.UNAUTHORIZED and not key:
        sys.stdout.write("The door is shut without a key, as it should be: nothing was analysed.\n")
        sys.stdout.write("Set tests.apiKey.existingSecret to test an analysis.\n")
        sys.exit(0)
    sys.exit(f"status {error.code}: {problem}")
sys.stdout.write(f"{result}\n")
if result["faces"]:
    sys.exit("a grey square has no face")
