"""A share of the random files that `random_files.py` reads by the hundred thousand."""

from random import Random

import pytest
from tests.property.random_files import random_file


@pytest.mark.parametrize("part", range(4))
def test_random_files_are_read_as_the_csv_module_reads_them(part):
    for number in range(500):
        file = random_file(Random(f"test {part}/{number}"))  # noqa: S311 - no secret
        assert file.read() == file.expected(), file
