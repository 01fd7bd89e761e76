import type { WordRow, WordValue } from "#lib/words/schema";
import { type DocumentedPolicy, type DocumentFormat, earlierUnreadable, toldCount } from "./document.ts";

/** A text in a line of Markdown (CommonMark, with tables as GitHub has them): all of it is shown as it is. */
export function marked(text: string): string {
  const line = text
    .split(/\r\n?|\n/)
    .map((each) => each.trim())
    .join(" ");
  return (
    line
      .replace(/[\\`*_[\]<>#|~&]/g, "\\$&")
      // What would begin a list, or underline a heading: a backslash before a digit would be shown.
      .replace(/^[-+=]/, "\\$&")
      .replace(/^(\d+)([.)])(?= |$)/, "$1\\$2")
  );
}

export function markdownFormat(): DocumentFormat {
  let type: string | null = null;
  let listed: string | null = null;
  return {
    extension: "md",
    mediaType: "text/markdown; charset=utf-8",
    begin: (cover) =>
      [
        `# ${marked(cover.tenant)}: configuration as of ${marked(cover.made)}`,
        "",
        `- Backup set ${cover.set_id}, of the schedule “${marked(cover.schedule)}”`,
        `- ${cover.is_complete ? "Complete" : "**Partial**: something is missing in this set"}`,
        `- Told: ${marked(cover.selection ?? "everything in the set")}`,
        `- ${toldCount(cover)} ${cover.items === 1 ? "policy or foundation" : "policies and foundations"}`,
        `- Written ${marked(cover.written)}`,
        ...(cover.since
          ? [`- Changes since backup set ${cover.since.set_id}, ${marked(cover.since.made)}`]
          : []),
        `- SHA-256 over the set: \`${cover.manifest_sha256}\``,
        "",
        ...(cover.missing.length > 0
          ? ["## What is missing", "", ...cover.missing.map((each) => `- ${marked(each)}`), ""]
          : []),
        "## Contents",
        "",
        "",
      ].join("\n"),
    contents: (entries) =>
      entries
        .map((entry) => {
          const heading =
            entry.type === listed ? "" : `${listed === null ? "" : "\n"}**${marked(entry.type)}**\n\n`;
          listed = entry.type;
          return `${heading}- ${entry.number}\\. ${marked(entry.name)}\n`;
        })
        .join(""),
    beginPolicies: () => "\n",
    policy: (policy) => {
      const heading = policy.type === type ? "" : `## ${marked(policy.type)}\n\n`;
      type = policy.type;
      return heading + policyOf(policy);
    },
    end: (removed) =>
      removed.length === 0
        ? ""
        : `## Removed since\n\n${removed.map((each) => `- ${marked(each.name)} (${marked(each.type)})\n`).join("")}`,
  };
}

function policyOf({ number, name, graph_id, sha256, words, change }: DocumentedPolicy): string {
  const lines = [
    `### ${number}\\. ${marked(name)}`,
    "",
    `\`${graph_id.replaceAll("`", "'")}\`, SHA-256 \`${sha256}\``,
    "",
  ];
  if (change?.kind === "added") lines.push("*Added.*", "");
  if (change?.kind === "changed" && change.settings === null) lines.push(`**${earlierUnreadable}**`, "");
  else if (change?.kind === "changed" && change.settings.length === 0) lines.push("*Changed.*", "");
  else if (change?.kind === "changed") {
    lines.push("#### Changes", "", "| Setting | Before | After |", "|---|---|---|");
    for (const each of change.settings) {
      const place = [...each.category, each.name].map(marked).join(" › ");
      lines.push(`| ${place} | ${cell(each.before)} | ${cell(each.after)} |`);
    }
    lines.push("");
  }
  if (words === null) lines.push("**The stored copy of this policy is damaged or missing.**", "");
  for (const sentence of words?.sentences ?? []) lines.push(`- ${marked(sentence)}`);
  if (words && words.sentences.length > 0) lines.push("");
  for (const { title, rows } of words?.sections ?? []) {
    lines.push(`#### ${marked(title)}`, "", "| Setting | Value |", "|---|---|");
    const codes: { name: string; text: string; language: string }[] = [];
    for (const row of rows) lines.push(...rowsOf(row, row.category, codes));
    lines.push("");
    for (const code of codes) {
      const fence = "`".repeat(Math.max(3, ...[...code.text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
      lines.push(
        `${marked(code.name)}:`,
        "",
        `${fence}${code.language.replace(/\W/g, "").toLowerCase()}`,
        code.text,
        fence,
        "",
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function rowsOf(
  row: WordRow,
  above: readonly string[],
  codes: { name: string; text: string; language: string }[],
): string[] {
  const place = [...above, row.name].map(marked).join(" › ");
  if (row.value.kind === "code")
    codes.push({ name: row.name, text: row.value.text, language: row.value.language });
  return [
    `| ${place} | ${cell(row.value)} |`,
    ...row.children.flatMap((child) => rowsOf(child, [...above, row.name], codes)),
  ];
}

function cell(value: WordValue | null): string {
  if (value === null) return "*Not configured*";
  if (value.kind === "text") return marked(value.text);
  if (value.kind === "list") return value.items.map(marked).join("<br>");
  if (value.kind === "code") return `*${marked(value.language)}, ${marked(value.encoding)}*`;
  return value.kind === "secret" ? "*A secret, which nobody can read back*" : "";
}
