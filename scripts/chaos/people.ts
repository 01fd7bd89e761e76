import { setTimeout as delay } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import { isUnreachable } from "#lib/db/transaction";
import { AppError, type ErrorCode } from "#lib/errors";
import { cancelRun } from "#lib/runs/cancel";
import { startRun } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import { listSchedules } from "#lib/schedules/list";
import type { ScheduleCreateInput } from "#lib/schedules/schema";
import { updateSchedule } from "#lib/schedules/update";
import type { Random } from "#sandbox/random";
import type { Stage, StageTenant } from "./stage.ts";

const minute = 60_000;

/** Offsets of whole, half and quarter hours, east and west, with days that are not the same. */
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Pago_Pago",
] as const;

type Timing = Pick<ScheduleCreateInput, "timezone" | "frequency" | "time_of_day" | "days_of_week">;

/** A timing that is due at this minute (milliseconds), in some zone, daily or weekly. */
function timingAt(at: number, random: Random): Timing {
  const timezone = random.pick(zones);
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
  const time_of_day = local.toPlainTime().toString({ smallestUnit: "minute" });
  return random.chance(0.3)
    ? { timezone, time_of_day, frequency: "weekly", days_of_week: [local.dayOfWeek] }
    : { timezone, time_of_day, frequency: "daily", days_of_week: null };
}

/** Who has chosen a time needs a moment until it counts, in milliseconds. */
const momentMs = 3_000;

/** A whole minute to come, in milliseconds, `until` at the latest; undefined when none is left. */
function someMinute(until: number, random: Random): number | undefined {
  const first = Math.floor((Date.now() + momentMs) / minute) + 1;
  const last = Math.floor(until / minute);
  return last < first ? undefined : random.int(first, last) * minute;
}

/** A schedule that people work with. */
export interface KnownSchedule {
  id: number;
  tenant: StageTenant;
}

/** Makes schedules that are due from now on. @param options.until milliseconds */
export async function makeSchedules(
  stage: Stage,
  { perTenant, until, random }: { perTenant: number; until: number; random: Random },
): Promise<KnownSchedule[]> {
  const made: KnownSchedule[] = [];
  for (const tenant of stage.tenants) {
    for (let n = 0; n < perTenant; n += 1) {
      const { id } = await createSchedule(tenant.actor, tenant.id, {
        name: `Schedule ${n + 1}`,
        ...timingAt(someMinute(until, random) ?? until, random),
        policy_types: random.chance(0.5)
          ? ["deviceCompliancePolicy"]
          : ["deviceCompliancePolicy", "settingsCatalogPolicy", "conditionalAccessPolicy"],
        include_foundations: random.chance(0.2),
        retention_keep_last: random.pick([2, 30]),
        pause_after_failures: 100,
      });
      made.push({ id, tenant });
    }
  }
  return made;
}

/** What people did, and what they were told. */
export interface Deeds {
  /** By kind, those that were confirmed. */
  done: Map<string, number>;
  /** By answer: `503`, `409 RUN_ACTIVE`, `no answer`. */
  answers: Map<string, number>;
  /** Runs that were promised: their ids. */
  promisedRuns: Set<number>;
  /** Edits that were confirmed: the newest version of each schedule. */
  promisedVersions: Map<number, number>;
  /** Runs whose cancel was confirmed. */
  canceled: Set<number>;
  /** What nobody may be told. */
  unexpected: string[];
}

export function noDeeds(): Deeds {
  return {
    done: new Map(),
    answers: new Map(),
    promisedRuns: new Set(),
    promisedVersions: new Map(),
    canceled: new Set(),
    unexpected: [],
  };
}

/** What a person may be refused because somebody else, or dispatch, was first. */
const refusals: readonly string[] = ["NOT_FOUND", "RUN_ACTIVE", "NOT_ACTIVE"] satisfies ErrorCode[];

/** How things are done: by the API of a web server, or by the operations behind it where there is none. */
interface Ways {
  runNow(schedule: KnownSchedule): Promise<{ id: number }>;
  cancel(tenant: StageTenant, runId: number): Promise<unknown>;
  edit(schedule: KnownSchedule, changes: Partial<ScheduleCreateInput>): Promise<{ version: number }>;
  look(tenant: StageTenant): Promise<unknown>;
}

/** An answer that is no success. */
class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, text: string) {
    super(`${status} ${code}: ${text.slice(0, 300)}`);
    this.status = status;
    this.code = code;
  }
}

const operations: Ways = {
  runNow: ({ id, tenant }) => startRun(tenant.actor, tenant.id, { schedule_id: id }),
  cancel: (tenant, run_id) => cancelRun(tenant.actor, tenant.id, { run_id }),
  edit: ({ id, tenant }, changes) => updateSchedule(tenant.actor, tenant.id, { schedule_id: id, changes }),
  look: (tenant) => listSchedules(tenant.actor, tenant.id, {}),
};

function api(stage: Stage, random: Random): Ways {
  const call = async <T>(
    { id, token }: StageTenant,
    method: string,
    path: string,
    body?: object,
  ): Promise<T> => {
    const web = stage.webs[random.int(0, stage.webs.length - 1)];
    const response = await fetch(`${web?.url}/api/tenants/${id}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    throw new Refused(response.status, /"code":\s*"([A-Z_]+)"/.exec(text)?.[1] ?? "", text);
  };
  return {
    runNow: ({ id, tenant }) => call(tenant, "POST", `backup-schedules/${id}/run-now`),
    cancel: (tenant, runId) => call(tenant, "POST", `runs/${runId}/cancel`),
    edit: ({ id, tenant }, changes) => call(tenant, "PATCH", `backup-schedules/${id}`, changes),
    look: (tenant) =>
      call(tenant, "GET", random.pick(["runs", "backup-schedules", "backup-sets", "overview"])),
  };
}

/**
 * One who does something with one schedule after the other until the signal comes.
 * @param options.until milliseconds: edits put occurrences before it
 * @param options.pauseMs how long they think between two deeds, on average
 */
export async function work(
  stage: Stage,
  schedules: readonly KnownSchedule[],
  deeds: Deeds,
  options: { random: Random; until: number; pauseMs: number; signal: AbortSignal },
): Promise<void> {
  const { random, until, pauseMs, signal } = options;
  const ways = stage.webs.length > 0 ? api(stage, random) : operations;
  while (!signal.aborted) {
    await delay(pauseMs * 2 * random.next());
    const kind = random.pick([
      "run now",
      "run now",
      "cancel",
      "retime",
      "retime",
      "retime",
      "rename",
      "look",
    ]);
    const schedule = schedules[random.int(0, schedules.length - 1)];
    if (!schedule) return;
    try {
      if (!(await act(kind, schedule))) continue;
      count(deeds.done, kind);
      count(deeds.answers, "2xx");
    } catch (error) {
      note(error);
    }
  }

  async function act(kind: string, schedule: KnownSchedule): Promise<boolean> {
    if (kind === "run now") deeds.promisedRuns.add((await ways.runNow(schedule)).id);
    else if (kind === "look") await ways.look(schedule.tenant);
    else if (kind === "cancel") {
      const run = await someRun(schedule);
      if (run === undefined) return false;
      await ways.cancel(schedule.tenant, run);
      deeds.canceled.add(run);
    } else {
      const at = someMinute(Math.min(until, Date.now() + 4 * minute), random);
      if (kind === "retime" && at === undefined) return false;
      const changes =
        kind === "retime" && at !== undefined
          ? { ...timingAt(at, random), start_window_minutes: random.pick([0, 0, 0, 2]) }
          : { name: `Renamed ${random.int(1, 1000)}` };
      const { version } = await ways.edit(schedule, changes);
      deeds.promisedVersions.set(
        schedule.id,
        Math.max(version, deeds.promisedVersions.get(schedule.id) ?? 0),
      );
    }
    return true;
  }

  /** An active run of a schedule's tenant. */
  async function someRun({ tenant }: KnownSchedule): Promise<number | undefined> {
    const { rows } = await stage.admin
      .query<{ id: number }>(
        "SELECT id FROM backup_schedule_runs WHERE tenant_id = $1 AND status = 'running' ORDER BY random() LIMIT 1",
        [tenant.id],
      )
      .catch(() => ({ rows: [] }));
    return rows[0]?.id;
  }

  function note(error: unknown): void {
    const code = error instanceof AppError || error instanceof Refused ? error.code : "";
    if (error instanceof Refused) {
      count(deeds.answers, [error.status, code].filter(Boolean).join(" "));
      if (error.status >= 500 && error.status !== 503) deeds.unexpected.push(error.message);
      else if (error.status < 500 && !refusals.includes(code)) deeds.unexpected.push(error.message);
    } else if (isUnreachable(error) || code === "TIMEOUT") count(deeds.answers, "503");
    else if (refusals.includes(code)) count(deeds.answers, `409 ${code}`);
    else if (stage.webs.length > 0) count(deeds.answers, "no answer");
    else {
      count(deeds.answers, "500");
      deeds.unexpected.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
