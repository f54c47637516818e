"""What the page holds packed is the same bytes in every Python: `make test-pythons` found a byte that was not."""

import gzip

from pgpipe.lecture.report.embedded import squeezed


def test_what_is_packed_bears_no_time_and_no_system():
    """RFC 1952: bytes 4 to 7 are the time, byte 9 the system, 255 for an unknown one."""
    held = squeezed(b"seed,return\n0,1\n")
    assert held[4:8] == bytes(4)
    assert held[9] == 255
    assert gzip.decompress(held) == b"seed,return\n0,1\n"
