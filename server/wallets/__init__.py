"""The Open Badges API: outside wallets fetch a learner's badges, when the learner lets them."""
