import type { Family } from "./collections.ts";
import { TEMPLATES } from "./limits.ts";
import type { Phase } from "./resource-path.ts";

/** One request that the sandbox answered: to the token endpoint, a `$batch`, one of its parts, or alone. */
export interface RequestRecord {
  /** Milliseconds since the epoch, at arrival. */
  at: number;
  /** Entra tenant id, or empty when it was not told. */
  tenant: string;
  phase: Phase;
  family: Family | "login" | "batch" | "other";
  version: string;
  /** Decoded, without version, leading slash and query. */
  path: string;
  query: string;
  via: "direct" | "batch";
  /** 0 when the sandbox cut the connection instead of answering. */
  status: number;
  /** The action of the fault that applied, if any. */
  fault: string | undefined;
}

type RequestFilter = Partial<Omit<RequestRecord, "at" | "fault">>;

interface RequestCounters {
  /** HTTP requests, a batch counting once. */
  http: number;
  /** Graph requests, the parts of batches counting each and the batches not. */
  graph: number;
  byFamily: Record<string, number>;
  /** Those to administrative templates, which `byFamily` counts among Intune's. */
  templates: number;
  byPhase: Record<string, number>;
  byStatus: Record<string, number>;
  /** Faults that applied, by action. */
  byFault: Record<string, number>;
  /** The most HTTP requests that were under way at one time. */
  maxConcurrency: number;
}

const KEPT = 20_000;

const count = (counters: Record<string, number>, key: string) => {
  counters[key] = (counters[key] ?? 0) + 1;
};

/** What was asked of the sandbox. Counters are exact; of the records the last 20,000 are kept. */
export class RequestLog {
  #records: RequestRecord[] = [];
  #counters: RequestCounters = RequestLog.#none();
  #underWay = 0;

  static #none(): RequestCounters {
    return {
      http: 0,
      graph: 0,
      byFamily: {},
      templates: 0,
      byPhase: {},
      byStatus: {},
      byFault: {},
      maxConcurrency: 0,
    };
  }

  get counters(): RequestCounters {
    return structuredClone(this.#counters);
  }

  /** The records, oldest first, that have all these values. */
  entries(filter: RequestFilter = {}): RequestRecord[] {
    const wanted = Object.entries(filter);
    return this.#records.filter((record) =>
      wanted.every(([key, value]) => record[key as keyof RequestFilter] === value),
    );
  }

  /** How many records have all these values. */
  count(filter: RequestFilter = {}): number {
    return this.entries(filter).length;
  }

  clear(): void {
    this.#records = [];
    this.#counters = { ...RequestLog.#none(), maxConcurrency: this.#underWay };
  }

  /** An HTTP request arrived; call the result when it has ended. */
  begin(): () => void {
    this.#counters.http++;
    this.#underWay++;
    this.#counters.maxConcurrency = Math.max(this.#counters.maxConcurrency, this.#underWay);
    let ended = false;
    return () => {
      if (!ended) this.#underWay--;
      ended = true;
    };
  }

  add(record: RequestRecord): void {
    if (this.#records.length >= KEPT * 2) this.#records = this.#records.slice(-KEPT);
    this.#records.push(record);
    if (record.family !== "batch" && record.family !== "login") this.#counters.graph++;
    count(this.#counters.byFamily, record.family);
    if (record.family === "intune" && TEMPLATES.test(record.path)) this.#counters.templates++;
    count(this.#counters.byPhase, record.phase);
    count(this.#counters.byStatus, String(record.status));
    if (record.fault !== undefined) count(this.#counters.byFault, record.fault);
  }
}
