import { setTimeout as delay } from "node:timers/promises";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { Random } from "#sandbox/random";
import { verifyAll } from "../archive/verify-all.ts";
import { type Findings, takeStock } from "./accounts.ts";
import { type FaultKind, faultKinds, heal } from "./faults.ts";
import { type Deeds, makeSchedules, noDeeds, work } from "./people.ts";
import { isBuilt, type Logged, type Stage, setStage } from "./stage.ts";

export interface ChaosOptions {
  /** For how long faults strike. */
  seconds: number;
  /** How many; they come one after the other, and those that last overlap. */
  faults: number;
  /** The same seed, the same faults in the same order, as far as processes go. */
  seed: number;
  tenants: number;
  /** Schedules of each tenant. */
  schedules: number;
  /** People who work meanwhile. */
  people: number;
  /** Web servers, where the application is built. */
  webs: number;
  /** Lets tables lie on a small disk that is filled up, where one can be mounted. */
  disk: boolean;
  /** How long everything may take to settle once the faults are over, in seconds. */
  drainSeconds: number;
  /** Leaves the logs of all processes there. */
  keep: boolean;
  log(line: string): void;
  signal: AbortSignal;
}

/** What a run of chaos came to. */
export interface ChaosReport extends Omit<Findings, "settled"> {
  seed: number;
  seconds: number;
  drain_seconds: number;
  /** Faults by kind. */
  struck: Record<string, number>;
  /** Kinds that could not be had here, and why. */
  unavailable: Record<string, string>;
  /** What people did, and were answered. */
  deeds: Record<string, number>;
  answers: Record<string, number>;
  attempts: number;
  /** Of these, the ones whose worker was killed, or lost touch, in the middle. */
  taken_over: number;
  sets: number;
  items: number;
  /** What is wrong, in sentences: examples of each fault. */
  told: string[];
  /** What processes logged as errors, most often first. */
  logged: Record<string, Logged>;
}

const workers = 2;
/** How long people think between two deeds, in milliseconds. */
const pauseMs = 250;

/** Sets up an installation, lets everything go wrong with it while it is used, and takes stock when it has settled. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, log } = options;
  const webs = isBuilt() ? options.webs : 0;
  log(`Seed ${seed}. Setting up ${options.tenants} tenants, ${workers} workers, ${webs} web servers …`);
  const stage = await setStage({ seed, tenants: options.tenants, workers, webs, disk: options.disk });
  try {
    return await onStage(stage, options);
  } finally {
    await stopProducer();
    await disconnect();
    if (options.keep) log(`The logs stay in ${stage.folder} until Enter is pressed.`);
    if (options.keep) await new Promise((resolve) => process.stdin.once("data", resolve));
    await stage.close();
  }
}

async function onStage(stage: Stage, options: ChaosOptions): Promise<ChaosReport> {
  const { seed, log, seconds } = options;
  const schedules = await makeSchedules(stage, {
    perTenant: options.schedules,
    until: Date.now() + seconds * 1_000,
    random: new Random("schedules", seed),
  });
  const began = Date.now();
  const until = began + seconds * 1_000;
  log(`${schedules.length} schedules. Faults strike for ${seconds} s …`);
  const deeds = noDeeds();
  const over = new AbortController();
  const people = Array.from({ length: options.people }, (_, n) =>
    work(stage, schedules, deeds, {
      random: new Random("person", seed, n),
      until,
      pauseMs,
      signal: over.signal,
    }),
  );
  const { struck, unavailable } = await strike(stage, options, until).finally(() => over.abort());
  await Promise.all(people);
  const calm = Date.now();
  log(`${sum(struck)} faults have struck. Waiting for everything to settle …`);
  await heal(stage);
  const findings = await settle(stage, deeds, { until: calm, seconds: options.drainSeconds });
  const drained = Date.now();
  log("Verifying every set …");
  return { ...(await judge(stage, deeds, findings)), ...header(), struck, unavailable };

  function header() {
    return {
      seed,
      seconds: Math.round((calm - began) / 1_000),
      drain_seconds: Math.round((drained - calm) / 1_000),
    };
  }
}

/** Lets faults strike until the time (milliseconds) is over: each kind in turn, in an order by chance. */
async function strike(
  stage: Stage,
  { seed, faults, seconds, log, signal }: ChaosOptions,
  until: number,
): Promise<Pick<ChaosReport, "struck" | "unavailable">> {
  const random = new Random("faults", seed);
  const unavailable: Record<string, string> = {};
  const kinds = faultKinds.filter((kind) => {
    const why = kind.unavailable?.(stage);
    if (why) unavailable[kind.name] = why;
    return !why;
  });
  const struck: Record<string, number> = Object.fromEntries(kinds.map(({ name }) => [name, 0]));
  const underWay = new Map<FaultKind["name"], Promise<void>>();
  const all: Promise<void>[] = [];
  const turns = new Map<FaultKind["harms"], Promise<void>>();
  let deck: FaultKind[] = [];
  const pause = (seconds * 1_000) / faults;
  for (let n = 0; n < faults && !signal.aborted && Date.now() < until; n += 1) {
    if (deck.length === 0) deck = shuffled(kinds, random);
    const kind = deck.find(({ name }) => !underWay.has(name)) ?? deck[0];
    if (!kind) break;
    deck.splice(deck.indexOf(kind), 1);
    struck[kind.name] = (struck[kind.name] ?? 0) + 1;
    const own = new Random("fault", seed, n);
    // Two that harm the database or Graph come one after the other, or nobody could tell that they were over.
    const before =
      kind.harms === "processes" ? Promise.resolve() : (turns.get(kind.harms) ?? Promise.resolve());
    const striking = before
      .then(() => {
        log(`${clock(stage, until, seconds)} ${kind.name}`);
        return kind.strike(stage, own);
      })
      .catch((error: unknown) =>
        log(`  ${kind.name}: cut short (${error instanceof Error ? error.message : error})`),
      )
      .finally(() => underWay.delete(kind.name));
    underWay.set(kind.name, striking);
    all.push(striking);
    if (kind.harms !== "processes") turns.set(kind.harms, striking);
    await delay(pause * (0.4 + 0.8 * random.next()), undefined, { signal }).catch(() => {});
  }
  await delay(Math.max(0, until - Date.now()), undefined, { signal }).catch(() => {});
  await Promise.all(all);
  return { struck, unavailable };
}

/** Minutes and seconds since the first fault. */
function clock(_: Stage, until: number, seconds: number): string {
  const passed = Math.max(0, Math.round(seconds - (until - Date.now()) / 1_000));
  return `${String(Math.floor(passed / 60)).padStart(2)}:${String(passed % 60).padStart(2, "0")}`;
}

function shuffled<T>(from: readonly T[], random: Random): T[] {
  const keyed = from.map((value) => ({ value, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/** Takes stock until everything has settled, or the time is over. */
async function settle(
  { admin }: Stage,
  deeds: Deeds,
  { until, seconds }: { until: number; seconds: number },
): Promise<Findings> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const late = Date.now() > deadline;
    const findings = await takeStock(admin, deeds, until).catch((error: unknown) => {
      // PostgreSQL may still be recovering.
      if (late) throw error;
    });
    if (findings && (findings.settled || late)) return findings;
    await delay(1_000);
  }
}

async function judge(
  stage: Stage,
  deeds: Deeds,
  findings: Findings,
): Promise<Omit<ChaosReport, "seed" | "seconds" | "drain_seconds" | "struck" | "unavailable">> {
  const proof = await verifyAll();
  const ownEnds = [...stage.workers, ...stage.webs, stage.sandbox].flatMap((each) => each.ownEnds);
  const { rows } = await stage.admin.query<{ attempts: number; taken_over: number }>(
    `SELECT coalesce(sum(attempt), 0)::int AS attempts,
            (SELECT count(*)::int FROM backup_schedule_runs r, jsonb_array_elements(r.attempt_log) AS a
              WHERE a->>'ended_at' IS NULL AND (a->>'number')::int < r.attempt) AS taken_over
     FROM backup_schedule_runs`,
  );
  const { settled: _, ...found } = findings;
  return {
    ...found,
    faults: {
      ...found.faults,
      "sets or audit logs damaged": proof.faults.length,
      "answers that nobody may get (5xx but 503)": deeds.unexpected.length,
      "processes that ended by themselves": ownEnds.length,
    },
    deeds: Object.fromEntries(deeds.done),
    answers: Object.fromEntries(deeds.answers),
    attempts: rows[0]?.attempts ?? 0,
    taken_over: rows[0]?.taken_over ?? 0,
    sets: proof.sets,
    items: proof.items,
    told: [...proof.faults, ...deeds.unexpected, ...ownEnds].slice(0, 20),
    logged: Object.fromEntries([...stage.errors].sort((a, b) => b[1].count - a[1].count).slice(0, 20)),
  };
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
