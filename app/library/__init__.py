"""Floor 2: the library. Files become one compiled value; every mistake in them is found at once, with its line and its mend.

`folder` reads files, `page` and `manifests` read each, `compile` puts them together, `lint` lists what is wrong, `topic` keeps
libraries on the `library` topic.
"""
