import type { WordValue } from "./schema.ts";

/** What a setting is set to, in one line. @param most characters */
export function valueInLine(value: WordValue | null, most: number): string {
  if (value === null) return "Not configured";
  const text = said(value).replaceAll(/\s+/g, " ").trim();
  return text.length <= most
    ? text
    : `${Array.from(text)
        .slice(0, most - 1)
        .join("")}…`;
}

function said(value: WordValue): string {
  switch (value.kind) {
    case "text":
    case "code":
      return value.text;
    case "list":
      return value.items.join(", ");
    case "secret":
      return "Secret, not readable";
    case "none":
      return "Configured";
  }
}
