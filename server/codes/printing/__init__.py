"""Print: cards laid out as PDF, SVG and PNG, and read back before anybody gets them."""
