"""A form like the desk's that includes the picker, and a server for it: what is sent comes back as text."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, render_template_string, request
from werkzeug.serving import make_server

from server.core.db import db
from server.core.i18n import language
from server.frameworks.picking import read_picker

FORM = """{% extends "base.html" %}{% block title %}Badge{% endblock %}{% block main %}
<form method="post" class="stack narrow"><p class="field"><label for="name">Name</label>
<input id="name" name="name" required value="{{ request.form.name }}"></p>
<fieldset class="card stack"><legend>Skills</legend>{% include "frameworks/picker.html" %}</fieldset><button class="button" name="do" value="save">Save</button></form>{% endblock %}"""


def add_form(app: Flask) -> None:
    @app.route("/try-picker", methods=["GET", "POST"])
    def form() -> object:
        if request.method == "POST":
            picker = read_picker(db.session(), request.form, language())
            if request.form["do"] == "save" and not picker.problem:
                return {"name": request.form["name"], "alignments": picker.chosen}
        return render_template_string(FORM, layout="base.html", told={"alignments": []}, status=200)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
