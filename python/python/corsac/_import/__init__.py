"""What other packages are set to, as policy documents: ``python -m corsac import-…``.

One file for each package; ``_document`` is what all of them fill, ``_command`` what prints it.
"""
