/** A series that an expression asks for. */
export interface Selector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
  /** `[5m]` follows. */
  isRange: boolean;
}

/** What an expression is made of. */
export interface Query {
  selectors: Selector[];
  /** What it groups by, and by which selectors that is held. */
  groupings: { labels: string[]; of: Selector[] }[];
}

const overRange = new Set(["rate", "increase", "min_over_time", "max_over_time", "predict_linear", "deriv"]);
const overVectors = new Set(["histogram_quantile", "absent", "clamp_min", "abs"]);
const aggregations = new Set(["sum", "max", "min", "avg", "count", "topk", "bottomk"]);

const tokens =
  /\s*(?:(?<string>"(?:[^"\\]|\\.)*")|(?<duration>\d+[smhdw]\b)|(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<word>[a-zA-Z_:][\w:]*)|(?<sign>=~|!~|!=|==|<=|>=|[-+*/%^=<>(){}[\],]))/y;

interface Token {
  kind: "string" | "duration" | "number" | "word" | "sign" | "end";
  text: string;
}

/**
 * Reads a PromQL expression, strictly: of the language it knows what docs/monitoring uses, and refuses all else.
 * @throws Error that says where it does not understand
 */
export function parsePromql(expression: string): Query {
  const stream = tokenize(expression);
  const query: Query = { selectors: [], groupings: [] };
  let at = 0;
  const peek = () => stream[at] ?? { kind: "end", text: "" };
  const next = () => {
    const token = peek();
    at += 1;
    return token;
  };
  const fail = (wanted: string): never => {
    throw new Error(`${expression}: wanted ${wanted}, found "${peek().text}" (token ${at})`);
  };
  const take = (text: string) => (peek().text === text ? next() : fail(`"${text}"`));
  const takes = (text: string) => peek().text === text && Boolean(next());

  function binary(): Selector[] {
    const found = postfix();
    while (/^([-+*/%^<>]|==|!=|<=|>=|and|or|unless)$/.test(peek().text)) {
      next();
      found.push(...postfix());
    }
    return found;
  }

  function postfix(): Selector[] {
    const found = primary();
    if (takes("[")) {
      if (next().kind !== "duration") fail("a duration");
      take("]");
      const [selector] = found;
      if (found.length !== 1 || !selector) return fail("one selector before a range");
      selector.isRange = true;
    }
    if (takes("offset") && next().kind !== "duration") fail("a duration");
    return found;
  }

  function primary(): Selector[] {
    const token = next();
    if (token.kind === "number") return [];
    if (token.text === "(") {
      const found = binary();
      take(")");
      return found;
    }
    if (token.kind !== "word") return fail("a value");
    if (aggregations.has(token.text)) return aggregation();
    if (peek().text !== "(") return [selector(token.text)];
    if (!overRange.has(token.text) && !overVectors.has(token.text))
      return fail(`a function, not ${token.text}`);
    const found = call();
    if (found.some(({ isRange }) => isRange) !== overRange.has(token.text))
      throw new Error(
        `${expression}: ${token.text} ${overRange.has(token.text) ? "wants" : "takes no"} range`,
      );
    // What it answers is no range any more.
    return found.map((each) => ({ ...each, isRange: false }));
  }

  function aggregation(): Selector[] {
    const before = grouping();
    const found = call();
    if (found.some(({ isRange }) => isRange)) throw new Error(`${expression}: a sum takes no range`);
    query.groupings.push({ labels: before ?? grouping() ?? [], of: found });
    return found;
  }

  function grouping(): string[] | null {
    if (!takes("by")) return null;
    const labels: string[] = [];
    take("(");
    do labels.push(next().text);
    while (takes(","));
    take(")");
    return labels;
  }

  function call(): Selector[] {
    take("(");
    const found: Selector[] = [];
    do found.push(...binary());
    while (takes(","));
    take(")");
    return found;
  }

  function selector(metric: string): Selector {
    const made: Selector = { metric, matchers: [], isRange: false };
    if (takes("{")) {
      do {
        const label = next().text;
        const operator = next().text;
        if (!["=", "!=", "=~", "!~"].includes(operator)) fail("an operator of labels");
        if (peek().kind !== "string") fail("a string");
        made.matchers.push({ label, operator, value: JSON.parse(next().text) });
      } while (takes(","));
      take("}");
    }
    query.selectors.push(made);
    return made;
  }

  if (binary().some(({ isRange }) => isRange)) throw new Error(`${expression}: a range is no answer`);
  if (peek().kind !== "end") fail("the end");
  return query;
}

function tokenize(expression: string): Token[] {
  const found: Token[] = [];
  const text = expression.trim();
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.length) {
    const from = tokens.lastIndex;
    const match = tokens.exec(text);
    const [kind, word] = Object.entries(match?.groups ?? {}).find(([, each]) => each !== undefined) ?? [];
    if (kind === undefined || word === undefined)
      throw new Error(`${expression}: cannot be read from "${text.slice(from, from + 20)}" on`);
    found.push({ kind: kind as Token["kind"], text: word });
  }
  return found;
}
