"""What others reach, as measured elsewhere on the same kind of machine (two shared cores, November 2026).

They do other work than ours: CouchDB and PouchDB keep documents without rules or signatures, pretix redeems
tickets, Kolibri and Morango keep learners' attempts. The figures say of which order a number is, not who is better.
"""

QUEUE = "PouchDB → CouchDB 408 ms in batches of 100, Kolibri 335 ms, Morango 125–308 records/s"
CHECK_INS = "pretix 42–45/s, p99 280–300 ms; Kolibri 80/s; CouchDB 754/s, no rules"
PULLS = "CouchDB 983/s, 7 ms; Morango 10 s a session"
CROWD = "p99: pretix 3.0–4.1 s, Kolibri 3.4 s"
GROWTH = "pretix, Kolibri: linear in all there is"
FIRST_VISIT = "Kolibri 3.0 MB"
SCRIPT = "Kolibri 574 kB"
PAINT = "Kolibri 13.4–15.8 s"
CREDENTIALS = "badgr-server 21/s; @digitalbazaar/vc 338/s, one proof"
FRAMES = "74 of 80 at version 4, 57 at 6, 35 at 12; of other pictures"
