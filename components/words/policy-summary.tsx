import type { PolicyWords, WordRow } from "#lib/words/schema";
import classes from "./policy-summary.module.css";
import { WordValueText } from "./word-value.tsx";

/** A policy in words: sentences, and sections of settings under their categories. */
export function PolicySummary({ words: { sections, sentences } }: { words: PolicyWords }) {
  return (
    <div className={classes.root}>
      {sentences.length > 0 ? (
        <ul className={classes.sentences}>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : null}
      {sections.map(({ key, title, rows }) => (
        <section key={key} aria-label={title}>
          <h2 className={classes.title}>{title}</h2>
          {inCategories(rows).map((category) => (
            <div key={category.path.join("/")} className={classes.category}>
              {category.path.length > 0 ? <CategoryPath path={category.path} /> : null}
              <Rows rows={category.rows} />
            </div>
          ))}
        </section>
      ))}
      {sections.length === 0 ? <p className={classes.empty}>The policy sets nothing.</p> : null}
    </div>
  );
}

/** Rows that stand in one category together, in the order in which they come. */
function inCategories(rows: readonly WordRow[]): { path: string[]; rows: WordRow[] }[] {
  const categories: { path: string[]; rows: WordRow[] }[] = [];
  for (const row of rows) {
    const last = categories.at(-1);
    if (last && last.path.join("\u0000") === row.category.join("\u0000")) last.rows.push(row);
    else categories.push({ path: row.category, rows: [row] });
  }
  return categories;
}

function CategoryPath({ path }: { path: readonly string[] }) {
  return <h3 className={classes.path}>{path.join(" › ")}</h3>;
}

function Rows({ rows }: { rows: readonly WordRow[] }) {
  return (
    <dl className={classes.rows}>
      {rows.map((row) => (
        <Row key={row.key} row={row} />
      ))}
    </dl>
  );
}

function Row({ row: { name, isNamed, value, note, children } }: { row: WordRow }) {
  return (
    <div className={classes.row} data-wide={value.kind === "code" || undefined}>
      <dt className={classes.name}>
        <span data-raw={!isNamed && name.includes("_") ? "" : undefined}>{name}</span>
        {note ? <span className={classes.note}>{note}</span> : null}
      </dt>
      <dd className={classes.value}>
        <WordValueText value={value} raw={!isNamed} />
      </dd>
      {children.length > 0 ? (
        <dd className={classes.children}>
          <Rows rows={children} />
        </dd>
      ) : null}
    </div>
  );
}
