"""The documentation page: one file, no scripts or styles from elsewhere, with a form to try recognition."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any

STYLE = """\
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem}code,pre,td:first-child{font-family:ui-monospace,monospace;font-size:.9em}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;padding:.5rem 1rem}
summary{cursor:pointer}summary b{display:inline-block;width:4rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;
border-bottom:1px solid var(--line)}
pre{background:var(--soft);padding:1rem;border-radius:.5rem;overflow:auto;max-height:32rem;white-space:pre-wrap}
form{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1rem;align-items:center}
input,select,button{font:inherit;padding:.25rem .5rem}button{grid-column:2;justify-self:start}
"""
SCRIPT = """\
const form = document.querySelector("form"), out = document.querySelector("#out");
form.addEventListener("submit", async event => {
  event.preventDefault();
  out.textContent = "...";
  const data = new FormData(form), token = data.get("token");
  data.delete("token");
  const headers = token ? {Authorization: "Bearer " + token} : {};
  try {
    const answer = await fetch("/api/v1/recognize", {method: "POST", body: data, headers});
    const found = await answer.json();
    out.textContent = found.error ? found.error.code + ": " + found.error.message
      : found.text + "\\n\\n" + JSON.stringify({...found, text: undefined, diagram: undefined}, null, 1);
  } catch (error) { out.textContent = String(error); }
});
"""


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; connect-src 'self'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the page: exactly its own style and script, and calls to its own server."""


def docs(document: Mapping[str, Any]) -> str:
    """The page for an OpenAPI document.

    Args:
        document: as `diagrasp.http.openapi.describe` makes it.
    """
    schemas = document["components"]["schemas"]
    operations = "".join(
        _operation(path, method, found, schemas)
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    )
    models = "".join(_model(name, schema) for name, schema in sorted(schemas.items()) if "properties" in schema)
    entry = "<label for=token>Token</label><input id=token name=token type=password autocomplete=off>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>diagrasp</title><style>{STYLE}</style></head><body>
<h1>diagrasp {escape(document["info"]["version"])}</h1>
<p>{escape(document["info"]["description"])} <a href="/openapi.json">openapi.json</a></p>
<h2>Try it</h2>
<form><label for=file>Picture</label><input id=file name=file type=file required>
<label for=format>Format</label><input id=format name=format value="mermaid" size=12>
{entry if document.get("security") else ""}<button>Recognise</button></form>
<pre id=out>The answer appears here.</pre>
<h2>Endpoints</h2>{operations}
<h2>Models</h2>{models}
<script>{SCRIPT}</script></body></html>
"""


def _operation(path: str, method: str, found: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(p['name'])}<td>{escape(p['in'])}<td>{escape(p.get('description', ''))}"
        for p in found.get("parameters", ())
    )
    body = "".join(
        f"<li><code>{escape(kind)}</code> {_reference(content.get('schema', {}))}"
        for kind, content in found.get("requestBody", {}).get("content", {}).items()
    )
    answers = "".join(
        f"<tr><td>{escape(status)}<td>{_meaning(answer)}" for status, answer in found["responses"].items()
    )
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {escape(found['summary'])}</summary>"
        + (f"<h4>Body</h4><ul>{body}</ul>" if body else "")
        + (f"<h4>Parameters</h4><table>{rows}</table>" if rows else "")
        + f"<h4>Answers</h4><table>{answers}</table></details>"
    )


def _meaning(answer: Mapping[str, Any]) -> str:
    if "$ref" in answer:
        return '<a href="#ErrorAnswer">ErrorAnswer</a>'
    content: Mapping[str, Any] = next(iter(answer.get("content", {}).values()), {})
    return f"{escape(answer['description'])} {_reference(content.get('schema', {}))}"


def _reference(schema: Mapping[str, Any]) -> str:
    name = str(schema.get("$ref") or schema.get("items", {}).get("$ref", "")).rpartition("/")[2]
    return f'<a href="#{escape(name)}">{escape(name)}</a>' if name else ""


def _model(name: str, schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = "".join(
        f"<tr><td>{escape(field)}{' *' if field in required else ''}<td>{_type(found)}"
        f"<td>{escape(str(found.get('description', '')))}"
        for field, found in schema["properties"].items()
    )
    text = escape(schema.get("description", "").partition("\n")[0])
    title = f"<summary><code>{escape(name)}</code> {text}</summary>"
    return f'<details id="{escape(name)}">{title}<table>{rows}</table></details>'


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _reference(schema)
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(escape(str(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if "items" in schema else "list"
    return escape(str(schema.get("const", schema.get("type", "any"))))
