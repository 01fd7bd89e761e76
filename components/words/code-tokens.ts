/** A stretch of code of one kind, for its color. */
export interface CodeToken {
  kind: "plain" | "comment" | "string" | "keyword" | "tag";
  text: string;
}

const keywords =
  "if|else|elseif|elif|fi|then|for|foreach|in|do|done|while|function|return|exit|try|catch|finally|throw|param|switch|case|esac|import|from|def|class|print|echo|set|export|local";

/** What is told apart in each language; the first that fits at a place counts. */
const patterns: Readonly<Record<string, RegExp>> = {
  powershell: new RegExp(
    `(?<comment><#[\\s\\S]*?#>|#[^\\n]*)|(?<string>"[^"\\n]*"|'[^'\\n]*')|(?<keyword>\\b(?:${keywords})\\b|\\$[\\w:]+|\\b[A-Z][a-z]+-[A-Z]\\w+)`,
    "g",
  ),
  shell: new RegExp(
    `(?<comment>(?<![\\w$])#[^\\n]*)|(?<string>"[^"\\n]*"|'[^'\\n]*')|(?<keyword>\\b(?:${keywords})\\b|\\$\\{?\\w+\\}?)`,
    "g",
  ),
  python: new RegExp(
    `(?<comment>#[^\\n]*)|(?<string>"[^"\\n]*"|'[^'\\n]*')|(?<keyword>\\b(?:${keywords})\\b)`,
    "g",
  ),
  xml: /(?<comment><!--[\s\S]*?-->)|(?<string>"[^"<>\n]*")|(?<tag><\/?[\w:.-]+|\/?>|<\?[\w-]+|\?>)/g,
  json: /(?<string>"(?:[^"\\\n]|\\.)*")|(?<keyword>\b(?:true|false|null)\b)/g,
};

/** Longer code stays in one color: a page with a hundred thousand elements is slow. */
const coloredUpTo = 20_000;

/** Cuts code into what is colored; nothing is lost or changed. */
export function codeTokens(text: string, language: string): CodeToken[] {
  const pattern = patterns[language];
  if (!pattern || text.length > coloredUpTo) return [{ kind: "plain", text }];
  const tokens: CodeToken[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) tokens.push({ kind: "plain", text: text.slice(at, match.index) });
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0];
    tokens.push({ kind: (kind ?? "plain") as CodeToken["kind"], text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) tokens.push({ kind: "plain", text: text.slice(at) });
  return tokens;
}
