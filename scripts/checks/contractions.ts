/**
 * What in a migration takes something away from the version before, which still runs on the schema while it is upgraded:
 * each such statement in words. What a migration makes itself, it may shape as it likes.
 * @param sql the text of a migration
 */
export function contractionsIn(sql: string): string[] {
  // What functions do when they are called is another matter.
  const text = sql.replace(/--[^\n]*/g, "").replace(/(\$\w*\$)[\s\S]*?\1/g, "''");
  const statements = text.split(";").map((statement) => statement.replace(/\s+/g, " ").trim());
  const own = new Set(
    [...text.matchAll(/\bCREATE TABLE (?:IF NOT EXISTS )?(\S+)/gi)].map(([, name]) => bare(name)),
  );
  return statements.flatMap((statement) => {
    const [, table] =
      /^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(\S+)/i.exec(statement) ??
      /^CREATE UNIQUE INDEX .*? ON (?:ONLY )?([^\s(]+)/i.exec(statement) ??
      [];
    if (table !== undefined && own.has(bare(table))) return [];
    const found = contracting.find(([pattern]) => pattern.test(statement));
    const needed = parts(statement).some(
      (part) => /^ADD COLUMN .*\bNOT NULL\b/i.test(part) && !/\b(DEFAULT|GENERATED)\b/i.test(part),
    );
    const what = found?.[1] ?? (needed ? "wants a value that the version before does not write" : null);
    return what === null ? [] : [`${what}: ${statement.slice(0, 120)}`];
  });
}

const contracting: readonly (readonly [RegExp, string])[] = [
  [/^DROP (TABLE|VIEW|MATERIALIZED VIEW|TYPE|SCHEMA|SEQUENCE|FUNCTION)\b/i, "takes away"],
  [/^ALTER TABLE .*\bDROP (COLUMN|DEFAULT)\b/i, "takes away"],
  [/^ALTER (TABLE|VIEW|TYPE|FUNCTION|SEQUENCE) .*\bRENAME\b/i, "renames"],
  [/^ALTER TABLE .*\bSET NOT NULL\b/i, "refuses what the version before may write"],
  [
    /^ALTER TABLE .*\bADD (CONSTRAINT \S+ )?(CHECK|UNIQUE|EXCLUDE|FOREIGN KEY)\b/i,
    "refuses what the version before may write",
  ],
  [/^CREATE UNIQUE INDEX\b/i, "refuses what the version before may write"],
  [/^ALTER TABLE .*\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b/i, "changes a type"],
  // Not what the migration took for itself.
  [/^REVOKE\b(?!.* FROM CURRENT_USER$)/i, "takes a right away"],
];

/** `ALTER TABLE t ADD …, ADD …` does several things. */
function parts(statement: string): string[] {
  const [, rest] = /^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?\S+ (.*)$/i.exec(statement) ?? [];
  return rest ? rest.split(/,\s*(?=ADD\b)/i) : [];
}

function bare(name = ""): string {
  return name.replace(/"|\(.*$/g, "").replace(/^public\./, "");
}
