"""The tenant: a city's name, brand, languages and time zone."""
