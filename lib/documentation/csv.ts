import { csvCell } from "#lib/audit/csv";
import type { WordRow, WordValue } from "#lib/words/schema";
import type { Cover, DocumentedPolicy, DocumentFormat } from "./document.ts";

const columns = [
  "number",
  "policy_type",
  "policy",
  "graph_id",
  "section",
  "setting",
  "value",
  "path",
  "change",
  "before",
] as const;
type Line = Record<(typeof columns)[number], string | number | null>;

/**
 * A line a setting, for spreadsheets and scripts; what changed bears how and what it was before. Of the cover it has what is
 * missing, in lines without a policy: which set it is, the file's name says.
 */
export function csvFormat(): DocumentFormat {
  return {
    extension: "csv",
    mediaType: "text/csv; charset=utf-8",
    // With the mark by which spreadsheets know that the file is UTF-8.
    begin: (cover) => `\u{FEFF}${columns.join(",")}\r\n${missingIn(cover).map(csvLine).join("")}`,
    contents: () => "",
    beginPolicies: () => "",
    policy: (policy) => linesOf(policy).map(csvLine).join(""),
    end: (removed) =>
      removed
        .map(({ type, name }) =>
          csvLine({ ...emptyLine, policy_type: type, policy: name, change: "removed" }),
        )
        .join(""),
  };
}

const emptyLine: Line = {
  number: null,
  policy_type: null,
  policy: null,
  graph_id: null,
  section: null,
  setting: null,
  value: null,
  path: null,
  change: null,
  before: null,
};

function csvLine(line: Line): string {
  return `${columns.map((column) => csvCell(line[column])).join(",")}\r\n`;
}

function missingIn({ is_complete, missing }: Cover): Line[] {
  const said = missing.length > 0 || is_complete ? missing : ["Something is missing in this set"];
  return said.map((value) => ({ ...emptyLine, section: "What is missing", value }));
}

/** The lines of a policy; a change that none of its settings bears has a line of its own. */
function linesOf(policy: DocumentedPolicy): Line[] {
  const of: Line = {
    ...emptyLine,
    number: policy.number,
    policy_type: policy.type,
    policy: policy.name,
    graph_id: policy.graph_id,
  };
  const { change } = policy;
  const whole: Line = {
    ...of,
    change: change?.kind ?? null,
    before: change?.kind === "changed" && change.settings === null ? "damaged or missing" : null,
  };
  if (policy.words === null) return [{ ...whole, value: "damaged or missing" }];
  const changes = (change?.kind === "changed" && change.settings) || [];
  // What was removed has the key that it had then.
  const byKey = new Map(changes.flatMap((each) => (each.kind === "removed" ? [] : [[each.key, each]])));
  const lines: Line[] = [];
  const add = (row: WordRow, section: string, above: readonly string[]) => {
    const place = [...above, row.name];
    const changed = byKey.get(row.key);
    if (row.value.kind !== "none" || row.children.length === 0)
      lines.push({
        ...of,
        section,
        setting: place.join(" > "),
        value: textOf(row.value),
        path: row.path.join("."),
        change: change?.kind === "added" ? "added" : (changed?.kind ?? null),
        before: changed?.before ? textOf(changed.before) : null,
      });
    for (const child of row.children) add(child, section, place);
  };
  for (const { title, rows } of policy.words.sections) for (const row of rows) add(row, title, row.category);
  for (const { kind, section, category, name, path, before } of changes) {
    if (kind !== "removed") continue;
    lines.push({
      ...of,
      section,
      setting: [...category, name].join(" > "),
      path: path.join("."),
      change: kind,
      before: before && textOf(before),
    });
  }
  const isSaid = change === null || lines.some((line) => line.change !== null);
  return isSaid ? lines : [whole, ...lines];
}

function textOf(value: WordValue): string {
  if (value.kind === "text" || value.kind === "code") return value.text;
  if (value.kind === "list") return value.items.join("\n");
  return value.kind === "secret" ? "(secret)" : "";
}
