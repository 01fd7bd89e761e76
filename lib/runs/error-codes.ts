/** Why a run did not end in plain success. The list is closed: UI, API and docs explain each code. */
export const runErrorCodes = [
  "TOKEN_EXPIRED",
  "PERMISSION_MISSING",
  "AUTH_CONFIG",
  "GRAPH_THROTTLE",
  "GRAPH_UNAVAILABLE",
  "TYPE_UNAVAILABLE",
  "UNKNOWN_POLICY_TYPE",
  "INCOMPLETE_CAPTURE",
  "CONCURRENT_RUN",
  "MISSED_WINDOW",
  "CANCELED",
  "TIMEOUT",
  "WORKER_LOST",
  "UNKNOWN",
] as const;

export type RunErrorCode = (typeof runErrorCodes)[number];

/** What each code means to a person, and what they can do about it. */
export const runErrorHelp: Record<RunErrorCode, { meaning: string; remedy: string }> = {
  TOKEN_EXPIRED: {
    meaning: "Microsoft Graph refused the access token, and a new one as well.",
    remedy:
      "Test the connection. If the app registration was changed, save its credential again, then retry.",
  },
  PERMISSION_MISSING: {
    meaning: "The app registration lacks a permission that this policy type needs.",
    remedy: "Grant the named permission with admin consent in Entra, then retry.",
  },
  AUTH_CONFIG: {
    meaning:
      "Signing in to the tenant failed: the secret is wrong or expired, or the app or tenant is unknown.",
    remedy: "Open the connection, enter a valid credential and test it, then retry.",
  },
  GRAPH_THROTTLE: {
    meaning: "Microsoft Graph kept asking to slow down until the attempts were used up.",
    remedy: "Retry later, or move the schedule away from other busy times.",
  },
  GRAPH_UNAVAILABLE: {
    meaning:
      "Microsoft Graph did not answer, or answered with server errors, until the attempts were used up.",
    remedy: "Check the Microsoft 365 service health page, then retry.",
  },
  TYPE_UNAVAILABLE: {
    meaning: "This tenant does not offer the policy type, often for lack of a license.",
    remedy: "Remove the policy type from the schedule if the tenant does not use it.",
  },
  UNKNOWN_POLICY_TYPE: {
    meaning: "The schedule names a policy type that this version does not know.",
    remedy: "Edit the schedule and choose policy types from the list.",
  },
  INCOMPLETE_CAPTURE: {
    meaning: "Microsoft Graph announced more than it delivered, so the backup lacks something.",
    remedy: "Open the run to see what is missing, then retry.",
  },
  CONCURRENT_RUN: {
    meaning: "Another run of this schedule was still active.",
    remedy: "Nothing to do if this is rare. Otherwise run the schedule less often.",
  },
  MISSED_WINDOW: {
    meaning: "The service was not running when this was due, and the schedule skips missed runs.",
    remedy: "Choose Run now if a backup is needed before the next occurrence.",
  },
  CANCELED: { meaning: "Someone canceled the run.", remedy: "Choose Run now to start another." },
  TIMEOUT: {
    meaning: "The run took longer than its limit.",
    remedy: "Retry, or split the policy types over several schedules.",
  },
  WORKER_LOST: {
    meaning: "The worker stopped in the middle of the run, on every attempt.",
    remedy: "Check that the worker process is healthy, then retry.",
  },
  UNKNOWN: {
    meaning: "Something unexpected went wrong.",
    remedy: "Retry. If it happens again, look into the worker's log with the run's number.",
  },
};
