import { caughtUpHours, inWords, runDefaults } from "#lib/limits";

const attempts = inWords(runDefaults.maxAttempts);
const attemptHours = inWords(runDefaults.timeoutMinutes / 60);

interface RunError {
  /** Of several codes, the one with the lowest rank speaks for all: first what stops everything, then what may pass. */
  rank: number;
  /** Whether talking to Graph can end in it, or only the run as a whole. */
  arises: "graph" | "run";
  /** Another attempt would be refused as a whole, may capture more, or changes nothing. */
  again: "refused" | "helps" | "useless";
  /** Where a person puts it right, if on one of our pages. */
  fixedOn: "connection" | "schedule" | null;
  /** A few words, as a heading. This and what follows is told in the pages, in the API and in docs/error-codes.md. */
  title: string;
  meaning: string;
  /** What TenantPilot does about it by itself. */
  handling: string;
  /** What the person can do. */
  remedy: string;
}

/** Why a run did not end in plain success. The list is closed: UI, API and docs explain each code, in this order. */
export const runErrors = {
  TOKEN_EXPIRED: {
    rank: 2,
    arises: "graph",
    again: "refused",
    fixedOn: "connection",
    title: "Access token refused",
    meaning: "Microsoft Graph refused the access token, and a new one as well.",
    handling:
      "It asks Entra for a new token once. When that is refused too, it asks Graph nothing more and ends the run: failed, or partial if something was captured before. No further attempt is made.",
    remedy:
      "Test the connection. If the app registration was changed, save its credential again, then retry.",
  },
  PERMISSION_MISSING: {
    rank: 5,
    arises: "graph",
    again: "useless",
    fixedOn: "connection",
    title: "Permission missing",
    meaning: "The app registration lacks a permission that this policy type needs.",
    handling:
      "It leaves out what it may not read and captures everything else: the run is partial, and names the permission that each policy type lacks. Only if nothing at all could be read is it failed.",
    remedy: "Grant the named permission with admin consent in Entra, then retry.",
  },
  LICENSE_MISSING: {
    rank: 6,
    arises: "graph",
    again: "useless",
    fixedOn: null,
    title: "Not licensed",
    meaning: "The tenant has no license for the product that the policy type belongs to.",
    handling:
      "It leaves the policy type out and says so in the run's summary. The run still ends as success if everything else was captured: what the tenant has not bought cannot be missing. If the schedule asks for nothing else, the run is skipped.",
    remedy:
      "Nothing to do if the tenant does not use the product. Otherwise assign its license in the Microsoft 365 admin center, then retry.",
  },
  AUTH_CONFIG: {
    rank: 1,
    arises: "graph",
    again: "refused",
    fixedOn: "connection",
    title: "Sign-in to the tenant failed",
    meaning:
      "Signing in to the tenant failed: the secret is wrong or expired, or the app or tenant is unknown.",
    handling:
      "It asks Graph nothing more and ends the run, as another attempt would be refused as well: failed, or partial if the same attempt captured something before. What an earlier attempt of the run captured makes no backup set. After several failed runs in a row it pauses the schedule, if the schedule says so.",
    remedy: "Open the connection, enter a valid credential and test it, then retry.",
  },
  GRAPH_THROTTLE: {
    rank: 3,
    arises: "graph",
    again: "helps",
    fixedOn: null,
    title: "Throttled by Microsoft Graph",
    meaning: "Microsoft Graph kept asking to slow down until the attempts were used up.",
    handling: `It waits as long as Graph asks, and slows down in that part of Graph. If that is not enough, it tries the whole run again, with growing pauses, up to ${attempts} attempts in all unless set otherwise; what has not changed since is not fetched again.`,
    remedy: "Retry later, or move the schedule away from other busy times.",
  },
  GRAPH_UNAVAILABLE: {
    rank: 4,
    arises: "graph",
    again: "helps",
    fixedOn: null,
    title: "Microsoft Graph unavailable",
    meaning:
      "Microsoft Graph did not answer, or answered with server errors, until the attempts were used up.",
    handling: `It repeats each request several times with growing pauses. If that is not enough, it tries the whole run again, up to ${attempts} attempts in all unless set otherwise. The last attempt decides: if it could read nothing, the run is failed, also where an earlier one had captured most.`,
    remedy:
      "If the message names a certificate, do what it says. Otherwise check the Microsoft 365 service health page, then retry.",
  },
  TYPE_UNAVAILABLE: {
    rank: 8,
    arises: "graph",
    again: "useless",
    fixedOn: "schedule",
    title: "Policy type not offered by the tenant",
    meaning: "This tenant does not offer the policy type, often for lack of a license.",
    handling: "It captures everything else: the run is partial, and says which policy type is missing.",
    remedy: "Remove the policy type from the schedule if the tenant does not use it.",
  },
  UNKNOWN_POLICY_TYPE: {
    rank: 9,
    arises: "run",
    again: "useless",
    fixedOn: "schedule",
    title: "Unknown policy type",
    meaning: "The schedule names a policy type that this version does not know.",
    handling:
      "It refuses to save such a schedule. If one is there all the same, from another version, the policy type is left out and the run is partial; with no known policy type at all it is skipped.",
    remedy: "Edit the schedule and choose policy types from the list.",
  },
  INCOMPLETE_CAPTURE: {
    rank: 7,
    arises: "graph",
    again: "useless",
    fixedOn: null,
    title: "Capture incomplete",
    meaning: "Microsoft Graph announced more than it delivered, so the backup lacks something.",
    handling:
      "It compares what Graph announced with what arrived, keeps what is proven whole, and names what is missing: the run is partial.",
    remedy: "Open the run to see what is missing, then retry.",
  },
  CONCURRENT_RUN: {
    rank: 10,
    arises: "run",
    again: "useless",
    fixedOn: null,
    title: "Another run was active",
    meaning: "Another run of this schedule was still active.",
    handling:
      "It skips this occurrence and lets the active run go on. A schedule never has two runs at once.",
    remedy: "Nothing to do if this is rare. Otherwise run the schedule less often.",
  },
  MISSED_WINDOW: {
    rank: 11,
    arises: "run",
    again: "useless",
    fixedOn: null,
    title: "Missed while the service was down",
    meaning: "The service was not running when this was due, and the schedule skips missed runs.",
    handling: `It notes one skipped run for what was missed. A schedule that makes up for missed runs starts the latest one instead, unless that was due more than ${caughtUpHours} hours ago.`,
    remedy: "Choose Run now if a backup is needed before the next occurrence.",
  },
  CANCELED: {
    rank: 12,
    arises: "run",
    again: "useless",
    fixedOn: null,
    title: "Canceled",
    meaning: "Someone canceled the run.",
    handling:
      "It ends the run at once, also while it waits for its next attempt, and makes no backup set. Earlier backup sets stay as they are.",
    remedy: "Choose Run now to start another.",
  },
  TIMEOUT: {
    rank: 13,
    arises: "run",
    again: "useless",
    fixedOn: null,
    title: "Time limit reached",
    meaning:
      "An attempt of the run took longer than its limit, or the database was too slow to store its result.",
    handling: `It ends the run as failed, without a backup set and without a further attempt. The limit of each attempt is ${attemptHours} hours unless set otherwise (RUN_TIMEOUT_MINUTES).`,
    remedy: "Retry, or split the policy types over several schedules.",
  },
  WORKER_LOST: {
    rank: 14,
    arises: "run",
    again: "useless",
    fixedOn: null,
    title: "Worker stopped",
    meaning: "The worker died in the middle of the run, and no attempts are left.",
    handling:
      "It notices within a minute and hands the run to another worker, which begins anew; what was stored already is not stored again. If the worker of the last attempt dies, the run is failed. A worker that is stopped in good order hands its runs over instead, and no attempt is lost.",
    remedy: "Check that the worker process is healthy, then retry.",
  },
  UNKNOWN: {
    rank: 15,
    arises: "graph",
    again: "useless",
    fixedOn: null,
    title: "Unexpected error",
    meaning: "Something unexpected went wrong.",
    handling:
      "It ends the run as failed, without a backup set, and writes the error to the worker's log under the run's number.",
    remedy: "Retry. If it happens again, look into the worker's log with the run's number.",
  },
} as const satisfies Record<string, RunError>;

export type RunErrorCode = keyof typeof runErrors;

/** The codes that talking to Graph can end in. */
export type GraphErrorCode = {
  [C in RunErrorCode]: (typeof runErrors)[C]["arises"] extends "graph" ? C : never;
}[RunErrorCode];

export const runErrorCodes = Object.keys(runErrors).filter(isRunErrorCode);

/** Whether a text is one of the codes. */
export function isRunErrorCode(text: string): text is RunErrorCode {
  return Object.hasOwn(runErrors, text);
}
