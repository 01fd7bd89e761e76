import type { PolicyWords, WordRow, WordValue } from "#lib/words/schema";

/** A policy in words as lines of text, as a test expects them: sections, rows indented below what they belong to. */
export function linesOf({ sections, sentences }: PolicyWords): string[] {
  return [
    ...sentences.map((sentence) => `* ${sentence}`),
    ...sections.flatMap(({ title, rows }) => [`## ${title}`, ...rows.flatMap((row) => rowLines(row, ""))]),
  ];
}

function rowLines({ category, name, isNamed, value, children }: WordRow, indent: string): string[] {
  const said = valueText(value);
  const line = `${indent}${[...category, name].join(" > ")}${said === "" ? "" : `: ${said}`}${isNamed ? "" : " (raw)"}`;
  return [line, ...children.flatMap((child) => rowLines(child, `${indent}  `))];
}

/** A value in one line. */
export function valueText(value: WordValue): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "list":
      return `[${value.items.join("; ")}]`;
    case "code":
      return `<${value.language}, ${value.encoding}> ${JSON.stringify(value.text)}`;
    case "secret":
      return "(secret)";
    case "none":
      return "";
  }
}
