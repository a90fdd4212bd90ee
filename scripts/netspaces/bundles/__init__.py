"""Finished results in one file for other people, as an RO-Crate, and the difference of two such files or folders.

`contents` gathers what goes into a bundle, `card` says what it is for people, `crate` for programs, `columns` what its
columns mean; `opened` reads bundles, folders of results and stores alike, `difference` compares two of them.
"""
