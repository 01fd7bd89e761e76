import { z } from "zod";
import { digestsAreDue } from "#lib/alerts/digests";
import { somethingRepeats } from "#lib/alerts/repeat";
import { somethingIsLate } from "#lib/alerts/resume-lost";
import { somethingExpires } from "#lib/connection/expiry";
import { platformOperation } from "#lib/operation";
import { countsAreFoldable } from "#lib/runs/fold-counts";
import { runsAreActive } from "#lib/runs/sweep";
import { schedulesAreDue } from "./due.ts";
import { schedulesAreWatched } from "./watch.ts";

/** What a tick may have to do. */
const workView = z.strictObject({
  /** Schedules that are due. */
  due: z.boolean(),
  /** Schedules that are late or skipped, or were. */
  schedules: z.boolean(),
  runs: z.boolean(),
  credentials: z.boolean(),
  late_alerts: z.boolean(),
  repeats: z.boolean(),
  digests: z.boolean(),
  counts: z.boolean(),
});
export type Work = z.infer<typeof workView>;

/** When nobody knows what there is to do, all of it is looked after. */
export const allWork: Work = {
  due: true,
  schedules: true,
  runs: true,
  credentials: true,
  late_alerts: true,
  repeats: true,
  digests: true,
  counts: true,
};

/**
 * Finds out in one statement what a tick has to look after: most minutes find nothing, and a transaction for each of these
 * would be all that they cost. Each part says itself when it has something to do; what it says too often costs time alone.
 */
export const findWork = platformOperation({
  name: "dispatch.find_work",
  permission: "dispatch:tick",
  input: z.strictObject({ at: z.iso.datetime().optional() }),
  output: workView,
  async run({ db }, { at }) {
    const [work] = await db.$queryRaw<Work[]>`
      SELECT ${schedulesAreDue(at ?? null)} AS due, ${schedulesAreWatched(at ?? null)} AS schedules, ${runsAreActive} AS runs, ${somethingExpires} AS credentials,
             ${somethingIsLate} AS late_alerts, ${somethingRepeats} AS repeats, ${digestsAreDue} AS digests,
             ${countsAreFoldable} AS counts`;
    return work ?? allWork;
  },
});
