import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { dispatcherActor } from "#lib/access/actor";
import { makeSchedule } from "#lib/testing/schedules";
import { wholeType } from "#lib/testing/whole-type";
import { withWorld } from "#lib/testing/world";
import { compareDrift } from "./compare-drift.ts";
import { acceptDrift, denyDrift, reopenDrift } from "./decide.ts";
import { endAcceptances } from "./end-acceptances.ts";
import { listDrift } from "./list.ts";
import { setBaseline } from "./set-baseline.ts";

const world = withWorld({ policies: 1 });
const type = "deviceConfiguration";
const policies = ["a", "b", "d"] as const;
const versions = [1, 2, 3] as const;
let scheduleId: number;

type Policy = (typeof policies)[number];
/** What is live: a policy's version, or that it is not there. */
type Live = Map<Policy, number>;

const hashOf = (policy: string, version: number) =>
  createHash("sha256").update(documentOf(policy, version)).digest("hex");
const documentOf = (policy: string, version: number) => JSON.stringify({ id: policy, version });

/** A set as a run would have written it: of what is live, or of the part that it could read. */
async function makeSet(live: ReadonlyMap<string, number>, isWhole: boolean): Promise<number> {
  const { rows } = await world.admin.query<{ id: number }>("SELECT nextval('backup_sets_id_seq')::int AS id");
  const id = rows[0]?.id ?? 0;
  const items = [...live].map(([policy, version]) => ({ policy, sha256: hashOf(policy, version) }));
  await world.admin.query(
    `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id,
                              display_name, sha256)
     SELECT $1, $2, $3, $3 + 1, 'policy', $4, policy, policy, sha256
     FROM jsonb_to_recordset($5::jsonb) AS r(policy text, sha256 char(64))`,
    [world.tenant.id, scheduleId, id, type, JSON.stringify(items)],
  );
  const types = { [type]: { ...wholeType(items.length), ...(isWhole ? {} : { listed: false }) } };
  await world.admin.query(
    `WITH run AS (
       INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
       VALUES ($1, $2, clock_timestamp() + make_interval(secs => random() * 1e9), 'schedule', 'success', now()) RETURNING id)
     INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                              manifest, manifest_sha256)
     SELECT $3, $1, $2, id, 'success', $4, 0, 0, $5::jsonb, repeat('0', 64) FROM run`,
    [world.tenant.id, scheduleId, id, items.length, JSON.stringify({ types })],
  );
  return id;
}

beforeAll(async () => {
  scheduleId = (await makeSchedule(world.tenant.actors.manager, world.tenant.id, { policy_types: [type] }))
    .id;
  for (const policy of policies)
    for (const version of versions)
      await world.admin.query(
        `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
         VALUES ($1, $2, 'plain', $3, 1, 1)`,
        [world.tenant.id, hashOf(policy, version), Buffer.from(documentOf(policy, version))],
      );
});

type Step =
  | { do: "live"; policy: Policy; version: number | null; isSeen: boolean }
  | { do: "run"; unread: Policy | null }
  | { do: "accept"; nth: number; ends: boolean }
  | { do: "deny" | "reopen"; nth: number }
  | { do: "time" };

const policy = fc.constantFrom(...policies);
/** Of the differences that there are. */
const nth = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("live" as const),
      policy,
      version: fc.constantFrom(null, ...versions),
      // Mostly a run comes by at once: else little would happen in so few steps.
      isSeen: fc.oneof(fc.constant(true), fc.boolean()),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("run" as const), unread: fc.option(policy, { freq: 3 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("accept" as const), nth, ends: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("deny" as const, "reopen" as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("time" as const) }) },
);

/** What people would say of one policy, on a sheet of paper. */
interface Note {
  state: "new" | "accepted" | "denied";
  renewed: "changed" | "expired" | null;
  /** As it was last seen; null: it was not there. */
  seen: number | null;
  decidedOn: number | null;
  ends: boolean;
}

/** The sheet of paper: a note for each policy that differs, and how many have gone. */
class Paper {
  readonly notes = new Map<Policy, Note>();
  readonly base: ReadonlyMap<Policy, number>;
  gone = 0;

  constructor(base: ReadonlyMap<Policy, number>) {
    this.base = base;
  }

  look(live: Live, unread: Policy | null): void {
    for (const policy of policies) {
      const now = live.get(policy) ?? null;
      // In a set that is not whole, what is not there was perhaps not read.
      if (unread !== null && (policy === unread || now === null)) continue;
      const note = this.notes.get(policy);
      if (now === (this.base.get(policy) ?? null)) {
        if (this.notes.delete(policy)) this.gone += 1;
      } else if (!note) {
        this.notes.set(policy, { state: "new", renewed: null, seen: now, decidedOn: null, ends: false });
      } else {
        note.seen = now;
        if (note.state === "accepted" && note.decidedOn !== now)
          Object.assign(note, { state: "new", renewed: "changed" });
      }
    }
  }

  decide(policy: Policy, state: Note["state"], ends = false): void {
    const note = this.notes.get(policy);
    if (note) Object.assign(note, { state, ends, renewed: null, decidedOn: note.seen });
  }

  timeGoesBy(): void {
    for (const note of this.notes.values())
      if (note.state === "accepted" && note.ends) Object.assign(note, { state: "new", renewed: "expired" });
  }
}

async function shown() {
  const { id, actors } = world.tenant;
  const { items } = await listDrift(actors.readonly, id, { limit: 200 });
  return new Map(
    items.map((drift) => [
      drift.graph_id,
      { id: drift.id, kind: drift.kind, state: drift.state, renewed: drift.renewed },
    ]),
  );
}

async function run(paper: Paper, live: Live, unread: Policy | null): Promise<void> {
  const read = new Map(live);
  if (unread) read.delete(unread);
  await compareDrift(world.tenant.id, await makeSet(read, unread === null));
  paper.look(live, unread);
}

async function take(paper: Paper, live: Live, next: Step, isSwept: boolean): Promise<void> {
  const { id, actors } = world.tenant;
  if (next.do === "live") {
    if (next.version === null) live.delete(next.policy);
    else live.set(next.policy, next.version);
    if (next.isSeen) await run(paper, live, null);
  } else if (next.do === "run") {
    await run(paper, live, next.unread);
  } else if (next.do === "time") {
    await world.admin.query(
      "UPDATE drifts SET accepted_until = now() - interval '1 s' WHERE accepted_until IS NOT NULL",
    );
    if (isSwept) await endAcceptances(dispatcherActor, {});
    paper.timeGoesBy();
  } else {
    const noted = [...paper.notes.keys()];
    const policy = noted[next.nth % noted.length];
    const drift = policy && (await shown()).get(policy);
    if (!policy || !drift) return;
    const drifts = [{ id: drift.id }];
    const until = next.do === "accept" && next.ends ? new Date(Date.now() + 3_600_000).toISOString() : null;
    if (next.do === "accept") await acceptDrift(actors.manager, id, { drifts, reason: "It may be", until });
    else if (next.do === "deny") await denyDrift(actors.manager, id, { drifts });
    else await reopenDrift(actors.manager, id, { drifts });
    const states = { accept: "accepted", deny: "denied", reopen: "new" } as const;
    paper.decide(policy, states[next.do], until !== null);
  }
}

test("whatever happens, drift is what somebody with a sheet of paper would have noted", async () => {
  const { id, actors } = world.tenant;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 6, maxLength: 14 }),
      fc.boolean(),
      async (steps, isSwept) => {
        // `d` is not in the baseline.
        const base = new Map<Policy, number>([
          ["a", 1],
          ["b", 1],
        ]);
        // Also after one that failed, whose history is being shortened.
        await world.admin.query("DELETE FROM drifts; DELETE FROM baselines; DELETE FROM incidents");
        const set_id = await makeSet(base, true);
        await setBaseline(actors.manager, id, { set_id, policy_types: [type] });
        const paper = new Paper(base);
        const live: Live = new Map(base);
        for (const next of steps) {
          await take(paper, live, next, isSwept);
          const expected = [...paper.notes].map(([policy, { state, renewed, seen }]) => [
            policy,
            { kind: base.has(policy) ? (seen === null ? "removed" : "changed") : "added", state, renewed },
          ]);
          const found = [...(await shown())].map(([policy, { id: _, ...drift }]) => [policy, drift]);
          expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
        }
        const { rows } = await world.admin.query(
          `SELECT (SELECT count(*) FROM drifts WHERE gone_why = 'returned')::int AS gone,
                EXISTS (SELECT FROM incidents WHERE cause = 'drift' AND closed_at IS NULL) AS told`,
        );
        const isActive = [...paper.notes.values()].some(({ state }) => state !== "accepted");
        // Of a time that is over the tick tells, or the next run.
        expect(rows[0]).toEqual({ gone: paper.gone, told: isSwept ? isActive : expect.any(Boolean) });
      },
    ),
    {
      numRuns: 8,
      // Accepted for a time, which was over before the tick or a run came by: and then it was something else.
      examples: [
        [
          [
            { do: "live", policy: "a", version: null, isSeen: true },
            { do: "accept", nth: 0, ends: true },
            { do: "time" },
            { do: "live", policy: "a", version: 2, isSeen: true },
          ],
          false,
        ],
      ],
    },
  );
}, 120_000);
