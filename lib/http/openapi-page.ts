import type { OpenApiDocument, OpenApiOperation } from "./openapi.ts";

/** The API's description as a page to read: plain HTML, no script, nothing from elsewhere. */
export function openApiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = document.tags.map(({ name }) => {
    const ours = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section><h2 id="${slug(name)}">${escapeHtml(name)}</h2>${ours.map(operationBlock).join("")}</section>`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>${schemaBlock(schema)}</details>`,
  );
  const index = document.tags.map(({ name }) => `<a href="#${slug(name)}">${escapeHtml(name)}</a>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)} API</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(document.info.title)} API</h1>
<p>${escapeHtml(document.info.description)}</p>
<p>Send an API token as <code>Authorization: Bearer &lt;token&gt;</code>. The same as a machine reads it:
<a href="/api/openapi.json">openapi.json</a>.</p>
<nav>${index}<a href="#schemas">Schemas</a></nav>
</header>
<main>
${sections.join("\n")}
<section><h2 id="schemas">Schemas</h2>${schemas.join("\n")}</section>
</main>
</body>
</html>`;
}

function operationBlock({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: OpenApiOperation;
}): string {
  const query = operation.parameters.filter((parameter) => parameter.in === "query");
  const headers = operation.parameters.filter((parameter) => parameter.in === "header");
  const body = operation.requestBody;
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const schema = Object.values(response.content ?? {})[0]?.schema;
    return `<tr><td>${escapeHtml(status)}</td><td>${escapeHtml(response.description)}</td><td>${schema ? typeOf(schema) : ""}</td></tr>`;
  });
  return `<article id="${escapeHtml(operation.operationId)}">
<h3><span class="method ${escapeHtml(method)}">${escapeHtml(method.toUpperCase())}</span> <code>/api${escapeHtml(path)}</code></h3>
<p>${escapeHtml(operation.summary)}. ${escapeHtml(operation.description ?? "")}</p>
${query.length > 0 ? `<h4>Query</h4><table>${query.map((p) => `<tr><td><code>${escapeHtml(p.name)}</code></td><td>${typeOf(p.schema)}</td></tr>`).join("")}</table>` : ""}
${headers.length > 0 ? `<h4>Headers (optional)</h4><table>${headers.map((p) => `<tr><td><code>${escapeHtml(p.name)}</code></td><td>${escapeHtml(p.description ?? "")}</td></tr>`).join("")}</table>` : ""}
${body ? `<h4>Body${body.required ? "" : " (optional)"}</h4>${bodyBlock(body.content["application/json"]?.schema ?? {})}` : ""}
<h4>Answers</h4><table>${responses.join("")}</table>
</article>`;
}

function bodyBlock(schema: Record<string, unknown>): string {
  return "$ref" in schema ? `<p>${typeOf(schema)}</p>` : schemaBlock(schema);
}

function schemaBlock(schema: Record<string, unknown>): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>);
  const required = (schema.required ?? []) as string[];
  if (properties.length === 0) return `<p>${typeOf(schema)}</p>`;
  const rows = properties.map(
    ([name, property]) =>
      `<tr><td><code>${escapeHtml(name)}</code>${required.includes(name) ? "" : " <small>optional</small>"}</td>
<td>${typeOf(property)}</td><td>${escapeHtml(String(property.description ?? ""))}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

/** A schema in a few words: `list of BackupSchedule`, `integer 1 to 7, or null`. */
function typeOf(schema: Record<string, unknown>): string {
  const reference = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  if (reference) return `<a href="#schema-${escapeHtml(reference)}">${escapeHtml(reference)}</a>`;
  const types = [schema.type].flat().filter((name) => name !== undefined);
  const type = types.find((name) => name !== "null");
  const either = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as Record<string, unknown>[] | undefined;
  const words = either
    ? either.map(typeOf).join(" or ")
    : type === "array"
      ? `list of ${typeOf((schema.items ?? {}) as Record<string, unknown>)}`
      : Array.isArray(schema.enum)
        ? schema.enum
            .filter((value) => value !== null)
            .map((value) => `<code>${escapeHtml(String(value))}</code>`)
            .join(" ")
        : escapeHtml([type ?? "anything", schema.format, range(schema)].filter(Boolean).join(" "));
  const byDefault =
    schema.default === undefined
      ? ""
      : `, default <code>${escapeHtml(JSON.stringify(schema.default))}</code>`;
  return `${words}${types.includes("null") && type ? ", or null" : ""}${byDefault}`;
}

function range({ minimum, maximum }: Record<string, unknown>): string {
  if (minimum === undefined && maximum === undefined) return "";
  return maximum === undefined ? `from ${minimum}` : `${minimum ?? "up"} to ${maximum}`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(" ", "-");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dce3, #3a3f4a); --soft: light-dark(#f4f6f9, #1d2027); }
body { margin: 0 auto; padding: 2rem 1.25rem 6rem; max-width: 62rem; font: 16px/1.5 system-ui, sans-serif;
  background: light-dark(#fff, #14161b); color: light-dark(#1b1f27, #e6e8ec); }
h1 { margin: 0 0 .5rem; } h2 { margin: 3rem 0 1rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; } h4 { margin: .75rem 0 .25rem; font-size: .875rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; } a { color: light-dark(#1a56c4, #8ab4ff); }
article, details { margin: 0 0 1rem; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
td { padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
code { font: .875em ui-monospace, monospace; background: var(--soft); padding: .1em .3em; border-radius: .25rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.get { color: light-dark(#0a6e4a, #5fd7a5); } .delete { color: light-dark(#b3261e, #ff9c94); }
.post, .put, .patch { color: light-dark(#7a4b00, #ffc46b); }
small { opacity: .7; }`;
