"""Converting the settings of other packages to policy documents: ``python -m corsac import-…``.

There is one file for each package; all of them fill a ``_document``, which ``_command`` prints.
"""
