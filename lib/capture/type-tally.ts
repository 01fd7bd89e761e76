import type { GraphError } from "#lib/graph/errors";
import { storableText } from "#lib/policies/display-name";
import type { PolicyType } from "#lib/policies/policy-type";
import { type RunErrorCode, runErrors } from "#lib/run-error-codes";
import type { MissingItem, TypeSummary } from "./summary.ts";

/** What became of one policy type or foundation. At the end `expected = captured + gone + failed`, always. */
export interface TypeOutcome extends TypeSummary {
  policy_type: string;
  /** The list was read to its end; false: what else exists is unknown. */
  listed: boolean;
}

/** At most this many of the missing items are named; `failed` counts them all. */
const NAMED_MISSING = 100;

/** The one of two codes that says more; the first, if they say the same. */
export function weightier<T extends { error_code: RunErrorCode | null }>(a: T, b: T): T {
  return rank(b.error_code) < rank(a.error_code) ? b : a;
}

function rank(code: RunErrorCode | null): number {
  return code === null ? Number.POSITIVE_INFINITY : runErrors[code].rank;
}

interface Verdict {
  error_code: RunErrorCode | null;
  error_message: string | null;
  request_id: string | null;
}

/** Keeps count of one type while it is captured. */
export class TypeTally {
  readonly type: PolicyType;
  #expected = 0;
  #captured = 0;
  #gone = 0;
  #failed = 0;
  #listed = false;
  #denied = 0;
  #unlicensed = false;
  #verdict: Verdict = { error_code: null, error_message: null, request_id: null };
  readonly #missing: MissingItem[] = [];

  constructor(type: PolicyType) {
    this.type = type;
  }

  found(): void {
    this.#expected += 1;
  }

  captured(count = 1): void {
    this.#captured += count;
  }

  gone(): void {
    this.#gone += 1;
  }

  /** Something of the type was found. */
  get begun(): boolean {
    return this.#expected > 0;
  }

  listed(): void {
    this.#listed = true;
  }

  /** A permission that the first 20 items lack, and no item has, the others lack too. */
  get denied(): boolean {
    return this.#denied >= 20 && this.#captured === 0;
  }

  /** One item could not be captured. */
  failed(error: GraphError, graphId: string | null, displayName: string | null): void {
    this.#failed += 1;
    if (error.code === "PERMISSION_MISSING") this.#denied += 1;
    const reason = explain(error, this.type);
    if (this.#missing.length < NAMED_MISSING) {
      this.#missing.push({
        graph_id: graphId && storableText(graphId),
        display_name: displayName && storableText(displayName),
        error_code: error.code,
        reason,
      });
    }
    this.#judge(verdictOf(error, reason));
  }

  /** The list itself broke off or could not be read. */
  listingFailed(error: GraphError): void {
    this.#listed = false;
    if (error.code === "LICENSE_MISSING" && !this.begun) {
      this.#unlicensed = true;
      this.#judge(verdictOf(error, explain(error, this.type)));
      return;
    }
    const after =
      this.#expected > 0 ? `The list broke off after ${this.#expected}; what else exists is unknown. ` : "";
    const reason = `${after}${explain(error, this.type)}`;
    this.#missing.unshift({ graph_id: null, display_name: null, error_code: error.code, reason });
    if (this.#missing.length > NAMED_MISSING) this.#missing.pop();
    this.#judge(verdictOf(error, reason));
  }

  /** @throws Error at the end when the counts do not add up: a defect of this program, never to be hidden */
  outcome(atEnd: boolean): TypeOutcome {
    const accounted = this.#captured + this.#gone + this.#failed;
    if (atEnd && accounted !== this.#expected) {
      throw new Error(`${this.type.key}: ${this.#expected} found, but ${accounted} accounted for`);
    }
    return {
      policy_type: this.type.key,
      kind: this.type.kind,
      expected: this.#expected,
      captured: this.#captured,
      gone: this.#gone,
      failed: this.#failed,
      skipped: this.#unlicensed,
      listed: this.#listed,
      ...this.#verdict,
      missing: [...this.#missing],
    };
  }

  #judge(verdict: Verdict): void {
    this.#verdict = weightier(this.#verdict, verdict);
  }
}

/** The outcome of a key that the catalog does not have. */
export function unknownTypeOutcome(key: string): TypeOutcome {
  return {
    policy_type: key,
    kind: "policy",
    expected: 0,
    captured: 0,
    gone: 0,
    failed: 0,
    skipped: true,
    listed: false,
    error_code: "UNKNOWN_POLICY_TYPE",
    error_message: `This version knows no policy type "${key}". ${runErrors.UNKNOWN_POLICY_TYPE.remedy}`,
    request_id: null,
    missing: [],
  };
}

function verdictOf(error: GraphError, error_message: string): Verdict {
  return { error_code: error.code, error_message, request_id: error.requestId };
}

/** What happened, which permission or license, and the next step; in a form that the database can hold. */
function explain(error: GraphError, type: PolicyType): string {
  return storableText(explanationOf(error, type));
}

function explanationOf(error: GraphError, type: PolicyType): string {
  if (error.code === "LICENSE_MISSING") {
    return `The tenant has no license for ${type.license ?? "this policy type"}, so that there is nothing to read. ${error.message}`;
  }
  if (error.code === "PERMISSION_MISSING" && error.granted) {
    return `${error.message} The app registration has the permission ${type.permission}; ${otherRefusalOf(type)}`;
  }
  if (error.code === "PERMISSION_MISSING") {
    return `The app registration lacks the application permission ${type.permission}. Grant it with admin consent in Entra, then retry.`;
  }
  // Sign-in errors already end with what to do.
  return error.code === "AUTH_CONFIG" ? error.message : `${error.message} ${runErrors[error.code].remedy}`;
}

/** What else refuses, where the permission is there. */
function otherRefusalOf({ family, license }: PolicyType): string {
  if (license) return `check that the tenant has a license for ${license}, then retry.`;
  return family === "intune" || family === "admx"
    ? "check that the tenant has an Intune license, and that no Intune role or scope tag limits the app, then retry."
    : "check the tenant's licenses and whether a policy restricts the app, then retry. A permission granted within the last hour counts once a new access token is issued.";
}
