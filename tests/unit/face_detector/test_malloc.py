"""What a picture was worked on in is kept for the next: no page is asked for twice."""

import platform
import subprocess
import sys

import pytest

# Three megabytes are allocated and freed by OpenCV, again and again.
PROGRAM = """
import resource, sys
import cv2, numpy as np
from mien_detector.malloc import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "kept":
    assert keep_freed_memory()
image = np.zeros((384, 640, 3), np.uint8)
for _ in range(10):
    cv2.dnn.blobFromImage(image)
before = faults()
for _ in range(20):
    cv2.dnn.blobFromImage(image)
print((faults() - before) / 20)
"""


def faults_per_picture(how: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=60
    )
    return float(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
def test_pages_are_not_asked_for_again() -> None:
    """Without it every picture costs hundreds of faults; with it next to none."""
    assert faults_per_picture("as it is") > 100
    assert faults_per_picture("kept") < 10
