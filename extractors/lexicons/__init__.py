"""The cues of each language, as data; see `extractors.lexicon` for the form."""
