// `npm run docs:policy-types`: writes docs/policy-types.md from the catalog.
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { familyBudgets } from "#lib/graph/families";
import { catalog } from "#lib/policies/catalog";
import { notReadable } from "#lib/policies/not-readable";
import { alwaysVolatile, type Child, type PolicyType, type Selector } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import type { AssignRule, WriteRule } from "#lib/policies/write/write-rule";

/** The page that the catalog makes; `scripts/generate-policy-docs.test.ts` holds it so. */
export const policyTypesFile = fileURLToPath(new URL("../docs/policy-types.md", import.meta.url));

const columns = ["Key", "Label", "Graph", "Permission", "Fetched with it", "Volatile, or not stored"];

/** docs/policy-types.md as the catalog has it now: Markdown, one table a category, foundations last. */
export function policyTypesPage(): string {
  const categories = Map.groupBy(catalog, (type) => type.category);
  const policies = catalog.filter((type) => type.kind === "policy").length;
  const sections = [...categories].map(
    ([category, types]) => `## ${category}\n\n${table(columns, types.map(rowOf))}\n`,
  );
  return `${introduction(policies, catalog.length - policies)}\n${sections.join("\n")}\n${permissions()}\n${unreadable()}\n${restore()}`;
}

function introduction(policies: number, foundations: number): string {
  const { intune, admx, conditionalAccess } = familyBudgets;
  return `<!-- Made by \`npm run docs:policy-types\` from lib/policies/catalog/. Change that, not this page. -->

# Policy types

TenantPilot captures ${policies} policy types, and ${foundations} foundations: objects that policies refer to, captured
when a schedule includes foundations. A schedule names policy types by their key.

- **Graph** is the version and the collection that is read. Types that share a collection are read in one pass and told
  apart by what stands below the path.
- **Permission** is the least application permission that reads the type; its ReadWrite form does too.
- **Fetched with it** are the collections below each object. They are stored inline, in the same document, and their
  number is proved against the one that Graph announces, where it announces one.
- **Volatile** properties change without an administrator's doing. They are kept beside the item, and left out of the
  document that is compared and hashed. In every type these are:
  ${codes(alwaysVolatile)};
  below the root the dates of change; everywhere OData annotations (\`@odata.type\` stays) and the order of assignments.

Throttling: Graph grants an app ${intune.requests} requests in ${intune.windowMs / 1000} s a tenant under \`/deviceManagement\` and
\`/deviceAppManagement\`, and ${conditionalAccess.requests} request in ${conditionalAccess.windowMs / 1000} s a tenant for conditional access and named locations.
Administrative templates answer 429 far earlier than that: they start at ${Math.round(admx.requests * (admx.startShare ?? 1))} in ${admx.windowMs / 1000} s and grow while Graph allows it, and
slow down nothing but themselves.
`;
}

function rowOf(type: PolicyType): string[] {
  const also = type.alsoGrantedBy.filter((permission) => !permission.includes("ReadWrite"));
  return [
    code(type.key),
    type.label,
    [
      `${type.version} ${code(`/${type.path}`)}`,
      ...(type.single ? ["one object"] : type.selectors.map(selectorText)),
      ...(type.listQuery ? [code(type.listQuery)] : []),
      ...(type.versionReason ? [type.versionReason] : []),
      ...(type.absentOn.length > 0 ? [`answers ${type.absentOn.join(" or ")} where there is none`] : []),
      ...(type.license ? [`license: ${type.license}`] : []),
    ].join("<br>"),
    [code(type.permission), ...also.map((permission) => `or ${code(permission)}`)].join("<br>"),
    fetchedText(type),
    [
      ...(type.volatile.length > 0 ? [codes(type.volatile)] : []),
      ...(type.secrets.length > 0 ? [`secrets, never stored: ${codes(type.secrets)}`] : []),
      ...(type.writeOnly.length > 0 ? [`never returned by Graph: ${codes(type.writeOnly)}`] : []),
    ].join("<br>") || "–",
  ];
}

function selectorText({ property, equals = [], startsWith, negated }: Selector): string {
  const values = equals.map((value) => value.replace(/^#microsoft\.graph\./, ""));
  const condition = startsWith
    ? `starts with ${code(`${startsWith}`)}`
    : `is ${values.map(code).join(" or ")}`;
  return `${negated ? "not where" : "where"} ${code(property)} ${condition}`;
}

function fetchedText(type: PolicyType): string {
  const parts: string[] = [];
  if (type.readById) parts.push("each object again by id");
  if (type.selectOnly.length > 0) parts.push(`${codes(type.selectOnly)}, selected by name`);
  const references = type.children.filter((child) => child.reference && child.of);
  parts.push(...type.children.filter((child) => !references.includes(child)).map(childText));
  if (references.length > 0) {
    parts.push(
      `what the kinds that have it refer to: ${codes(references.map((child) => child.key))} (id and name)`,
    );
  }
  for (const [name, { path, children }] of Object.entries(type.typed ?? {})) {
    const below = children.length > 0 ? `: ${children.map(childText).join(", ")}` : "";
    parts.push(`${code(name)} from ${code(`/${path}`)}${below}`);
  }
  return parts.join("<br>") || "–";
}

function childText(child: Child): string {
  const expansion = child.query?.startsWith("$expand=") ? child.query.replace("$expand=", "") : undefined;
  const below = [
    ...(child.children ?? []).map(childText),
    ...(expansion ? [`${code(expansion)} expanded`] : []),
  ];
  const facts = [
    ...(child.announcedBy ? [`as many as ${code(child.announcedBy)} says`] : []),
    ...(child.reference ? ["id and name"] : []),
    ...(child.optional ? ["where Graph allows"] : []),
    ...(child.wholeAt ? [`each whole from ${code(`/${child.wholeAt}`)}`] : []),
  ];
  return [
    code(child.key),
    ...(below.length > 0 ? [`with ${below.join(", ")}`] : []),
    ...(facts.length > 0 ? [`(${facts.join("; ")})`] : []),
  ].join(" ");
}

/** What to grant an app registration for everything, by permission. */
function permissions(): string {
  const byPermission = Map.groupBy(catalog, (type) => type.permission);
  const rows = [...byPermission].map(([permission, types]) => [
    code(permission),
    types.map((type) => type.label).join(", "),
  ]);
  return `## Permissions

To capture everything, grant the app registration these application permissions, with admin consent:

${table(["Permission", "Reads"], rows)}
`;
}

/** What people look for and do not find, and why. */
function unreadable(): string {
  const rows = notReadable.map(({ label, path, why }) => [label, code(`/${path}`), why]);
  return `## What cannot be backed up

Microsoft Graph lets only a signed-in person read these. TenantPilot signs in as an application, so that no permission
helps:

${table(["Configuration", "Graph", "Why"], rows)}
`;
}

/** How each type is written, and why others are not. */
function restore(): string {
  const rules = catalog.map((type) => ({ type, rule: writingOf(type.key) }));
  const written = rules.flatMap(({ type, rule }) => ("cannot" in rule ? [] : [writtenRow(type, rule)]));
  const refused = rules.flatMap(({ type, rule }) =>
    "cannot" in rule ? [[code(type.key), type.label, rule.cannot]] : [],
  );
  return `## Restore

How a restore works and what guards it: [restore.md](restore.md). Here is how each type is written, and what is good to know
of it; all of it is proved against the [sandbox](sandbox.md).

${table(["Key", "Made", "Updated", "Assigned", "Application permissions", "Good to know"], written)}

These cannot be restored:

${table(["Key", "Label", "Why"], refused)}
`;
}

function writtenRow(type: PolicyType, rule: WriteRule): string[] {
  const made =
    "never" in rule.create
      ? rule.create.never
      : [
          rule.create.from === "template" ? "from its template" : code("POST"),
          ...(rule.create.only ? [`only ${codes(rule.create.only)}`] : []),
          ...(rule.create.first ? [`then ${code(rule.update.method)} of the rest`] : []),
        ].join("<br>");
  const parts = Map.groupBy(rule.parts, (part) =>
    part.kind === "links" ? "$ref" : part.path.split("/").at(-1),
  );
  return [
    code(type.key),
    made,
    [code(rule.update.method), ...[...parts.keys()].map((name) => code(name ?? ""))].join("<br>"),
    rule.assign === null ? "–" : assignText(rule.assign),
    rule.permissions.map(code).join("<br>"),
    [
      ...(rule.delegatedOnly ? [rule.delegatedOnly] : []),
      ...(rule.confirmation ? [`Asks for a confirmation of its own. ${rule.confirmation}`] : []),
      ...(rule.fixed.length > 0 ? [`Cannot be changed once made: ${codes(rule.fixed)}.`] : []),
      ...rule.builtIn.map(({ why }) => why),
      ...rule.traps,
    ].join("<br>") || "–",
  ];
}

function assignText(rule: AssignRule): string {
  return "oneByOne" in rule ? "one by one" : `${code(rule.path.split("/").at(-1) ?? "")} replaces all`;
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function codes(list: readonly string[]): string {
  return list.map(code).join(", ");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(policyTypesFile, policyTypesPage());
  console.log(`Wrote ${policyTypesFile}`);
}
