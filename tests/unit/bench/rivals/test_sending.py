"""Bodies of requests, read as the servers read them."""

import base64
import email.policy
import json
from email.parser import BytesParser

from mien_bench.rivals.sending import BASE64, FORM, RAW

PICTURE = bytes(range(256)) * 40


def test_raw_is_the_picture_itself() -> None:
    assert RAW.body(PICTURE) is PICTURE


def test_base64_is_a_field_of_a_json_document() -> None:
    assert json.loads(BASE64.body(PICTURE)) == {"image_data": base64.b64encode(PICTURE).decode()}


def test_a_form_has_the_picture_as_the_file_image() -> None:
    head = f"Content-Type: {FORM.media_type}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + FORM.body(PICTURE))
    (part,) = message.iter_parts()
    assert part.get_param("name", header="content-disposition") == "image"
    assert part.get_content() == PICTURE
