"""The authors' names: in our terms where we have the same."""

from netspaces.networks.authors_names import AUTHORS_BLOCKS, AUTHORS_STEMS
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.stems import STEMS


def test_every_name_stands_for_something_of_ours_or_for_nothing():
    ours = {theirs.block for theirs in AUTHORS_BLOCKS.values()}
    assert ours <= {*BLOCKS, None} and set(AUTHORS_STEMS.values()) <= set(STEMS)


def test_plain_blocks_of_the_authors_have_two_convolutions():
    assert AUTHORS_BLOCKS["vanilla_block"].block == "v" and AUTHORS_BLOCKS["vanilla_block"].count == 2
    assert AUTHORS_BLOCKS["res_basic_block"].block is None
