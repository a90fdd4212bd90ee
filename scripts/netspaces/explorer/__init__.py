"""One interactive page for populations of trained networks, in a file that needs no server and no network.

`content` gathers what the page knows, `charts` says in Altair's words how it is drawn, `page` writes both into one
file with the scripts of `browser/`, which cut, count and answer to the pointer and the keyboard.
"""
