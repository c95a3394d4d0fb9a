"""What every domain stands on: database, errors, language, files, layout."""
