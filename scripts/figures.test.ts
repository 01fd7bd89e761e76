import { globSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { passwordMinLength } from "#lib/access/password-rules";
import { env, leastSecretBytes } from "#lib/env";
import { hoursKept, maxKeyLength } from "#lib/http/idempotency";
import { maxBodyBytes } from "#lib/http/json-body";
import {
  auditEventsRead,
  auditKeptDays,
  auditWatchMinutes,
  breachGraceHours,
  caughtUpHours,
  codeMinutes,
  deletionWaitHours,
  entraIntentMinutes,
  heartbeatSeconds,
  initialPasswordDays,
  invitationDays,
  inWords,
  knownNetworkDays,
  liveLookSeconds,
  missedAfterMinutes,
  namesSearched,
  namesSeconds,
  overdueMinutes,
  overviewDays,
  pageSizes,
  pauseAfterFailures,
  previewedSets,
  recoveryCodeCount,
  resetLinkHours,
  ruleMembershipDays,
  secondLookMinutes,
  sessionHours,
  sessionIdleMinutes,
  sessionKeptDays,
  setupCodeHours,
  signInLimits,
  tokenLifetimeDays,
  toldSignInFailures,
} from "#lib/limits";
import { binDays } from "#lib/sets/schema";
import { overlapHours } from "#lib/tokens/schema";
import { maxAuthBodyBytes } from "./web/request-body.ts";

// Measurements (docs/performance.md), what Microsoft decides (docs/policy-types.md, docs/sandbox.md) and pages that are made
// from tables have figures of their own.

/** Figures as documents state them: one that changes in the code has to change in the document too. */
const { pair, network, address, code } = signInLimits;
const told: Record<string, string[]> = {
  "docs/api.md": [
    `${tokenLifetimeDays.default} days from now unless given`,
    `another ${tokenLifetimeDays.default} days or until`,
    `(${overlapHours.default} unless given, ${overlapHours.most} at most`,
    `${sessionHours} hours`,
    `not used for ${inWords(sessionIdleMinutes / 60)} hours`,
    `at most ${maxBodyBytes / 2 ** 20} MiB`,
    `1 to ${maxKeyLength} printable ASCII characters`,
    `Within ${hoursKept} hours, the same request`,
    `\`limit\` is ${pageSizes.usual} unless given, at most ${pageSizes.most}`,
    `seen within ${heartbeatSeconds} seconds`,
  ],
  "docs/architecture.md": [
    `for ${inWords(codeMinutes)} minutes, once`,
    namesSeconds === 60 ? "for a minute at most" : `for ${namesSeconds} seconds at most`,
  ],
  "docs/backup-sets.md": [
    `up to ${previewedSets} that would go, ${previewedSets} that a rule keeps, and ${previewedSets} that stay`,
    `goes to the bin for ${inWords(binDays)} days`,
    `After ${inWords(binDays)} days the daily sweep`,
    `${namesSeconds} seconds after it began`,
    `${secondLookMinutes} minutes later`,
    `the newest ${auditEventsRead.toLocaleString("en")} events of each log`,
    `in the newest ${namesSearched.lists} lists of names`,
    `up to ${namesSearched.ids.toLocaleString("en")} of those that are called so`,
  ],
  "docs/operating.md": [
    `within ${inWords(invitationDays)} days`,
    `${sessionHours} hours after signing in`,
    `finished within ${entraIntentMinutes} minutes, in the same browser`,
    `confirmed for ${ruleMembershipDays} days ends with the daily sweep`,
    `kept for ${sessionKeptDays} days`,
    `which works for ${inWords(initialPasswordDays)} days`,
    `A code works for ${setupCodeHours} hours`,
    `one code, within ${codeMinutes} minutes`,
    `tried ${inWords(code.attempts)} times in ${code.minutes} minutes`,
    `${inWords(recoveryCodeCount)} recovery codes`,
    `signed in during the last ${knownNetworkDays} days, that network`,
    `works once, within ${resetLinkHours} hours`,
    `from ${deletionWaitHours.usual} hours after it was archived`,
    `at least ${passwordMinLength} characters`,
    `\`NEXTAUTH_SECRET\` of at least ${leastSecretBytes} bytes`,
    `${inWords(pair.attempts)} in ${pair.minutes} minutes for one address from one network`,
    `${network.attempts} in ${network.minutes} minutes from one network`,
    `${address.attempts} in ${address.minutes === 60 ? "an hour" : `${address.minutes} minutes`} for one address`,
    `signed in during the last ${knownNetworkDays} days`,
    `share their ${inWords(pair.attempts)} attempts`,
    `every ${auditWatchMinutes} minutes those that have grown`,
    `removed daily; at least ${auditKeptDays}, and`,
    `younger than ${auditKeptDays} days`,
    `(${inWords(toldSignInFailures.entries)} wrong passwords for a person within ${inWords(toldSignInFailures.hours)} hours`,
    `changes every ${liveLookSeconds} seconds`,
    `${maxAuthBodyBytes / 1024} KiB at most below \`/api/auth\`, ${maxBodyBytes / 2 ** 20} MiB elsewhere`,
  ],
  "docs/protection.md": [
    `due ${overdueMinutes} minutes ago`,
    `**${breachGraceHours} hours** past`,
    `a day to fix what failed, and ${inWords(breachGraceHours - 24)} hours for the run`,
    `in breach ${inWords(breachGraceHours - 24)} hours after the second`,
    `and ${overviewDays} days of outcomes`,
  ],
  "docs/schedules.md": [
    `missed from ${inWords(missedAfterMinutes)} minutes on`,
    `more than ${caughtUpHours} hours old`,
    `(default ${pauseAfterFailures.usual}; 0 never)`,
  ],
  "docs/connection.md": [],
  "docs/runs.md": [],
  "docs/words.md": [],
  "README.md": [],
};

/** Figures that no limit of ours decides. */
const others: Record<string, string[]> = {
  "docs/operating.md": [
    "six digits, 30 seconds",
    "in its own 30 seconds",
    // pg-boss's own polling.
    "jobs begin up to two seconds later",
    "an encryption key of 32 bytes",
    "`TENANTPILOT_ENCRYPTION_KEY`, 32 bytes in base64",
  ],
};

const units = "hours?|minutes?|seconds?|days?|weeks?|months?|KiB|MiB|bytes|attempts";
const numbers =
  "\\d+(?:[.,]\\d+)*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty";

/** A page in one line, so that a line's end may be anywhere. */
const read = (page: string) =>
  readFileSync(new URL(`../${page}`, import.meta.url), "utf8").replaceAll(/\s+/g, " ");

describe.each(Object.entries(told))("%s", (page, figures) => {
  test.each(figures)("tells: %s", (figure) => {
    expect(read(page)).toContain(figure);
  });

  test("tells no figure that is not held here", () => {
    const held = [...figures, ...(others[page] ?? [])];
    const rest = held.reduce((text, figure) => text.replaceAll(figure, "…"), read(page));
    expect(rest.match(new RegExp(`\\b(${numbers})(\\*\\*)? (${units})\\b.{0,40}`, "gi"))).toBeNull();
  });
});

describe("docs/operating.md", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("has every setting that has a default, with the default", () => {
    vi.stubEnv("DATABASE_URL", "postgresql://here");
    const rows = [...read("docs/operating.md").matchAll(/\| `([A-Z_]+)` \| ([^|]+?) \|/g)].map(
      ([, name = "", preset = ""]) => ({ name, preset }),
    );
    for (const { name } of rows) if (name !== "DATABASE_URL") vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries(env())) {
      if (typeof value !== "number") continue;
      expect(rows.find((row) => row.name === name)?.preset, name).toBe(String(value));
    }
  });
});

/** Text of the code that names figures which decide nothing but the very choice or query beside them, or are Microsoft's. */
const choices = [
  "components/api-tokens/new-token-dialog.tsx",
  "components/api-tokens/rotate-token-dialog.tsx",
  "components/data-table/time-range.ts",
  "components/restore/connection/write-connection-form.tsx",
  "components/schedules/details/next-runs.tsx",
  "lib/health/service-metrics.ts",
  "lib/live/fingerprint.ts",
  "lib/overview/service-counts.ts",
  "lib/policies/write/compliance.ts",
];

test("what pages and answers tell takes its figures from where they are decided", () => {
  const figure = new RegExp(
    `[^\\w$}.-](${numbers}) (hours?|minutes?|seconds?|days?|weeks?|months?|KiB|MiB)\\b`,
    "i",
  );
  const files = globSync("{app,components,lib}/**/*.{ts,tsx}", {
    exclude: (name) => /\.test\.ts$|db\/generated|(lib|api)\/testing/.test(name),
  });
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) => {
    const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|interval '1 \w+'/gm, "");
    return code.split("\n").flatMap((line) => (figure.test(line) ? [`${file}: ${line.trim()}`] : []));
  });
  expect(found.filter((line) => !choices.some((file) => line.startsWith(file)))).toEqual([]);
  for (const file of choices)
    expect(
      found.some((line) => line.startsWith(file)),
      file,
    ).toBe(true);
});
