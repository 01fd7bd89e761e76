import type { WordRow, WordValue } from "#lib/words/schema";
import {
  type Cover,
  type DocumentedPolicy,
  type DocumentFormat,
  type Entry,
  earlierUnreadable,
  toldCount,
} from "./document.ts";
import { style } from "./html-style.ts";

/** A text in HTML, within an element or a quoted attribute. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** One file that needs nothing else: no script, no picture, nothing from elsewhere. Its policy says so to the browser. */
export function htmlFormat(): DocumentFormat {
  let type: string | null = null;
  let listed: string | null = null;
  return {
    extension: "html",
    mediaType: "text/html; charset=utf-8",
    begin: (cover) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escaped(titleOf(cover))}</title>
<style>${style}</style>
</head>
<body>
${coverOf(cover)}
<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>
`,
    contents: (entries) =>
      entries
        .map((entry) => {
          const heading =
            entry.type === listed
              ? ""
              : `${listed === null ? "" : "</ol>\n"}<h3>${escaped(entry.type)}</h3>\n<ol>\n`;
          listed = entry.type;
          return `${heading}<li value="${entry.number}"><a href="#p${entry.number}">${escaped(entry.name)}</a></li>\n`;
        })
        .join(""),
    beginPolicies: () => `${listed === null ? "<p>Nothing.</p>\n" : "</ol>\n"}</nav>\n<main>\n`,
    policy: (policy) => {
      const heading = policy.type === type ? "" : `<h2 class="type">${escaped(policy.type)}</h2>\n`;
      type = policy.type;
      return heading + policyOf(policy);
    },
    end: (removed) => `${removedOf(removed)}</main>\n</body>\n</html>\n`,
  };
}

function titleOf({ tenant, made }: Cover): string {
  return `${tenant}: configuration as of ${made}`;
}

function coverOf(cover: Cover): string {
  const facts: [string, string][] = [
    ["Tenant", cover.tenant],
    ["Backup set", `${cover.set_id}, of the schedule “${cover.schedule}”`],
    ["As of", cover.made],
    ["Told", cover.selection ?? "everything in the set"],
    ["Policies and foundations", toldCount(cover)],
    ["Completeness", cover.is_complete ? "Complete" : "Partial: something is missing in this set"],
    ["Written", cover.written],
    ["SHA-256 over the set", cover.manifest_sha256],
    ...(cover.since
      ? [
          ["Changes since", `backup set ${cover.since.set_id}, ${cover.since.made}`] satisfies [
            string,
            string,
          ],
        ]
      : []),
  ];
  const missing =
    cover.missing.length === 0
      ? ""
      : `<section class="warning"><h2>What is missing</h2><ul>${cover.missing.map((each) => `<li>${escaped(each)}</li>`).join("")}</ul></section>`;
  return `<header class="cover">
<p class="kicker">As-built documentation</p>
<h1>${escaped(cover.tenant)}</h1>
<p class="lead">Configuration as of ${escaped(cover.made)}</p>
<dl>${facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join("\n")}</dl>
${missing}
</header>`;
}

function policyOf(policy: DocumentedPolicy): string {
  const { number, name, words, change } = policy;
  const body =
    words === null
      ? `<p class="warning">The stored copy of this policy is damaged or missing. Verify the set.</p>`
      : [
          ...(words.sentences.length > 0
            ? [
                `<ul class="sentences">${words.sentences.map((each) => `<li>${escaped(each)}</li>`).join("")}</ul>`,
              ]
            : []),
          ...words.sections.map((section) => sectionOf(section.title, section.rows)),
        ].join("\n");
  const mark =
    change === null
      ? ""
      : ` <span class="mark ${change.kind}">${change.kind === "added" ? "Added" : "Changed"}</span>`;
  return `<article id="p${number}">
<h3>${number}. ${escaped(name)}${mark}</h3>
<p class="ids">${escaped(policy.graph_id)}<br>SHA-256 ${escaped(policy.sha256)}</p>
${changesOf(change)}${body}
</article>
`;
}

function changesOf(change: DocumentedPolicy["change"]): string {
  if (change?.kind !== "changed") return "";
  if (change.settings === null) return `<p class="warning">${earlierUnreadable}</p>\n`;
  if (change.settings.length === 0) return "";
  const rows = change.settings.map(
    (each) =>
      `<tr><th scope="row">${categoryOf(each.category)}${escaped(each.name)}</th><td>${valueInHtml(each.before)}</td><td>${valueInHtml(each.after)}</td></tr>`,
  );
  return `<table class="changes"><caption>Changes</caption><thead><tr><th scope="col">Setting</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
`;
}

function sectionOf(title: string, rows: readonly WordRow[]): string {
  let category = "";
  const lines = rows.flatMap((row) => {
    const path = row.category.join(" › ");
    const heading =
      path === category || path === ""
        ? []
        : [`<tr class="category"><th scope="colgroup" colspan="2">${escaped(path)}</th></tr>`];
    category = path;
    return [...heading, ...rowsOf(row, 0)];
  });
  return `<table><caption>${escaped(title)}</caption><tbody>
${lines.join("\n")}
</tbody></table>`;
}

function rowsOf(row: WordRow, depth: number): string[] {
  const indented = depth === 0 ? "" : ` class="d${Math.min(depth, 6)}"`;
  return [
    `<tr><th scope="row"${indented}>${escaped(row.name)}</th><td>${valueInHtml(row.value)}</td></tr>`,
    ...row.children.flatMap((child) => rowsOf(child, depth + 1)),
  ];
}

function categoryOf(category: readonly string[]): string {
  return category.length === 0 ? "" : `<span class="path">${escaped(category.join(" › "))} ›</span> `;
}

function valueInHtml(value: WordValue | null): string {
  if (value === null) return `<span class="dim">Not configured</span>`;
  if (value.kind === "text") return escaped(value.text);
  if (value.kind === "list")
    return `<ul>${value.items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
  if (value.kind === "code")
    return `<pre>${escaped(value.text)}</pre><span class="dim">${escaped(`${value.language}, ${value.encoding}`)}</span>`;
  if (value.kind === "secret") return `<span class="dim">A secret, which nobody can read back</span>`;
  return "";
}

function removedOf(removed: readonly Entry[]): string {
  if (removed.length === 0) return "";
  return `<section><h2 class="type">Removed since</h2><ul>${removed.map(({ type, name }) => `<li>${escaped(name)} <span class="dim">${escaped(type)}</span></li>`).join("\n")}</ul></section>\n`;
}
