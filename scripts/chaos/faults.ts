import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Random } from "#sandbox/random";
import type { KeptProcess } from "./kept-process.ts";
import type { Stage } from "./stage.ts";

/** Something that goes wrong, and is over when its promise is. */
export interface FaultKind {
  name: string;
  /** Who suffers: of one kind of harm there is one at a time. */
  harms: "processes" | "database" | "graph";
  /** Why it cannot be had here. */
  unavailable?(stage: Stage): string | false;
  strike(stage: Stage, random: Random): Promise<void>;
}

const seconds = (random: Random, low: number, high: number) => random.int(low * 1_000, high * 1_000);

/** Longer than a worker takes to hand everything back, and a web server to end its requests. */
const stopLimitMs = 15_000;

const noWeb = (stage: Stage) => stage.webs.length === 0 && "no web server runs";
const noPooler = (stage: Stage) => !stage.pooler && "no PgBouncer is installed";

export const faultKinds: readonly FaultKind[] = [
  {
    name: "worker killed",
    harms: "processes",
    async strike({ workers }, random) {
      one(workers, random)?.kill();
    },
  },
  {
    name: "web killed",
    harms: "processes",
    unavailable: noWeb,
    async strike({ webs }, random) {
      one(webs, random)?.kill();
    },
  },
  {
    name: "PgBouncer killed",
    harms: "processes",
    unavailable: noPooler,
    strike: async ({ pooler }) => pooler?.crash(),
  },
  {
    name: "Graph sandbox killed",
    harms: "processes",
    async strike({ sandbox }) {
      sandbox.kill();
    },
  },
  {
    name: "worker deployed",
    harms: "processes",
    async strike({ workers }, random) {
      await one(workers, random)?.deploy(stopLimitMs);
    },
  },
  {
    name: "web deployed",
    harms: "processes",
    unavailable: noWeb,
    async strike({ webs }, random) {
      await one(webs, random)?.deploy(stopLimitMs);
    },
  },
  {
    name: "worker frozen",
    harms: "processes",
    async strike({ workers }, random) {
      const child = one(workers, random)?.child;
      child?.kill("SIGSTOP");
      // Up to twice the time after which its jobs are somebody else's.
      await delay(seconds(random, 3, 40));
      child?.kill("SIGCONT");
    },
  },
  {
    name: "worker's clock jumped",
    harms: "processes",
    async strike({ workers }, random) {
      const child = one(workers, random)?.child;
      const set = (clock: number) => (child?.connected ? child.send({ clock }, () => {}) : undefined);
      set(random.pick([3, -3]) * 3_600_000);
      await delay(seconds(random, 5, 20));
      set(0);
    },
  },
  {
    name: "PostgreSQL crashed",
    harms: "database",
    strike: ({ cluster }) => cluster.restart("immediate"),
  },
  {
    name: "PostgreSQL stopped",
    harms: "database",
    async strike({ cluster }, random) {
      await cluster.stop();
      // As long as a restart of a managed database takes at least: the processes' own retries must not be used up.
      await delay(seconds(random, 4, 8));
      await cluster.start();
    },
  },
  {
    name: "PostgreSQL's backend killed",
    harms: "database",
    async strike({ admin }) {
      // The server ends all others with it, and recovers.
      const { rows } = await admin.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1",
      );
      if (rows[0]) process.kill(rows[0].pid, "SIGKILL");
    },
  },
  {
    name: "connections cut",
    harms: "database",
    async strike({ admin }, random) {
      for (let times = random.int(1, 4); times > 0; times -= 1) {
        await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        await delay(seconds(random, 0, 1));
      }
    },
  },
  {
    name: "server's connections taken",
    harms: "database",
    strike: (stage, random) => holdAll(stage.addresses.ownerUrl, 100, "", seconds(random, 2, 6)),
  },
  {
    name: "pooler's connections taken",
    harms: "database",
    unavailable: noPooler,
    async strike({ addresses, pooler }, random) {
      const url = pooler?.through(random.pick([addresses.workerUrl, addresses.url]));
      if (url) await holdAll(url, 20, "BEGIN", seconds(random, 2, 6));
    },
  },
  {
    name: "database read-only",
    harms: "database",
    async strike(stage, random) {
      await setReadOnly(stage, true);
      await delay(seconds(random, 2, 6));
      await writable(stage);
    },
  },
  {
    name: "disk full",
    harms: "database",
    unavailable: (stage) => !stage.disk && "only root may mount a small disk",
    async strike({ disk }, random) {
      await disk?.fill();
      await delay(seconds(random, 2, 6));
      await disk?.free();
    },
  },
  ...graphFaults({
    "Graph throttles": { action: { kind: "status", status: 429, retryAfter: 2 }, probability: 0.5 },
    "Graph hangs": { action: { kind: "hang" }, probability: 0.3 },
    "Graph is unavailable": { action: { kind: "status", status: 503 }, probability: 0.6 },
    "Graph is slow": { action: { kind: "latency", ms: 1_500 } },
    "Graph cuts answers off": { action: { kind: "truncate" }, probability: 0.4 },
  }),
];

function graphFaults(rules: Record<string, Parameters<Stage["graphFault"]>[0]>): FaultKind[] {
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    harms: "graph",
    async strike(stage, random) {
      await stage.graphFault({ ...rule, seed: random.int(1, 1_000_000) });
      await delay(seconds(random, 3, 8));
      await stage.graphWell();
    },
  }));
}

function one<T extends KeptProcess>(from: readonly T[], random: Random): T | undefined {
  return from[random.int(0, from.length - 1)];
}

/** Takes connections until none is given any more, and holds them. */
async function holdAll(url: string, most: number, first: string, ms: number): Promise<void> {
  const held: pg.Client[] = [];
  try {
    for (let n = 0; n < most; n += 1) {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
      client.on("error", () => {});
      held.push(client);
      await client.connect();
      if (first) {
        const answered = client.query(first).then(
          () => true,
          () => true,
        );
        // Who has to wait for one finds that all are taken.
        if (!(await Promise.race([answered, delay(500).then(() => false)]))) break;
      }
    }
  } catch {
    // All are taken.
  }
  await delay(ms);
  await Promise.all(held.map((client) => Promise.race([client.end().catch(() => {}), delay(1_000)])));
}

async function setReadOnly({ admin }: Stage, on: boolean): Promise<void> {
  await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? "on" : "off"}`);
  await admin.query("SELECT pg_reload_conf()");
}

/** Lets the database take changes again, also when it is just restarting. */
async function writable(stage: Stage): Promise<void> {
  for (;;) {
    try {
      return await setReadOnly(stage, false);
    } catch {
      await delay(200);
    }
  }
}

/** Puts everything right that a fault may have left behind, and waits until all processes serve. */
export async function heal(stage: Stage): Promise<void> {
  await stage.disk?.free();
  await writable(stage);
  await stage.graphWell();
  for (const { child } of stage.workers) {
    child?.kill("SIGCONT");
    if (child?.connected) child.send({ clock: 0 }, () => {});
  }
  // What hangs still is cut off: nobody needs to wait for it.
  stage.sandbox.kill();
  await delay(500);
  await Promise.all([stage.sandbox, ...stage.workers, ...stage.webs].map((each) => each.serves()));
}
