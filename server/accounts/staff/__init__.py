"""Staff: how they come in, prove who they are, and whom they invite. Names organisers and cities, which name accounts."""
