import type { AuditEntryView } from "#lib/audit/schema";
import { findType } from "#lib/policies/catalog";
import { perRule } from "#lib/retention/rules";
import { isRunErrorCode, type RunErrorCode } from "#lib/run-error-codes";
import { weekdays } from "../schedules/describe.ts";
import { bytesText } from "../ui/bytes.ts";

/** A value of an entry's details as a person reads it. */
export type FieldValue =
  | { kind: "text"; text: string }
  | { kind: "none" }
  | { kind: "list"; items: string[] }
  | { kind: "instant"; at: string }
  /** `HH:mm:ss` on some zone's clock. */
  | { kind: "time_of_day"; time: string }
  | { kind: "error"; code: RunErrorCode }
  /** `path` below the tenant's pages. */
  | { kind: "link"; text: string; path: string };

/** One line of an entry's details: a value, or how it changed. */
export interface Field {
  key: string;
  label: string;
  value: FieldValue;
  /** What it was before, when the entry is about a change. */
  before: FieldValue | null;
}

/** The details of an entry, line by line, in words. */
export function fieldsOf({ action, details }: Pick<AuditEntryView, "action" | "details">): Field[] {
  if (action === "member.role_changed") {
    return [
      {
        key: "role",
        label: "Role",
        value: wordsOf("role", details.to),
        before: wordsOf("role", details.from),
      },
    ];
  }
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  const entries = Object.entries(details).sort(([a], [b]) => place(a) - place(b));
  return entries.map(([key, value]) => {
    const change = isChange(value) ? value : null;
    return {
      key,
      label: labels[key] ?? sentenceCase(key),
      value: wordsOf(key, change ? change.to : value),
      before: change ? wordsOf(key, change.from) : null,
    };
  });
}

const labels: Record<string, string> = {
  is_enabled: "Enabled",
  days_of_week: "Weekdays",
  time_of_day: "Time",
  timezone: "Time zone",
  policy_types: "Policy types",
  include_foundations: "Foundations",
  may_be_empty: "May be empty",
  ...perRule(({ auditLabel }) => auditLabel),
  missed_run_policy: "Missed runs",
  start_window_minutes: "Start window",
  pause_after_failures: "Pause after failures",
  failure_streak: "Failed runs in a row",
  schedule_id: "Backup schedule",
  backup_schedule_id: "Backup schedule",
  schedule_name: "Backup schedule's name",
  backup_set_id: "Backup set",
  retry_of_run_id: "Retry of",
  scheduled_for: "Due",
  error_code: "Error",
  bulk: "With several at once",
  entra_tenant_id: "Entra tenant id",
  client_id: "Client id",
  credential_kind: "Credential",
  credential_changed: "New credential",
  ok: "Signed in",
  missing: "Missing permissions",
  expires_at: "Expires",
  bin_days: "Days in the bin",
  from: "From",
  to: "Before",
  count: "More of the same",
  since: "Since",
  until: "Until",
  addresses: "From addresses",
  asked_for: "Tenant asked for",
};

/** The database keeps details in no order that means anything; what is not here comes last. */
const order = ["name", "frequency", ...Object.keys(labels)];

const linked: Record<string, { path: string; name: string }> = {
  schedule_id: { path: "backup-schedules", name: "Schedule" },
  backup_schedule_id: { path: "backup-schedules", name: "Schedule" },
  backup_set_id: { path: "backup-sets", name: "Backup set" },
  retry_of_run_id: { path: "runs", name: "Run" },
  run_id: { path: "runs", name: "Run" },
};

const choices: Record<string, Record<string, string>> = {
  frequency: { daily: "Daily", weekly: "Weekly" },
  missed_run_policy: { run_latest: "Run the latest one", skip: "Skip" },
  credential_kind: { secret: "Client secret", certificate: "Certificate" },
  role: { readonly: "Read-only", operator: "Operator", manager: "Manager", owner: "Owner" },
};

function wordsOf(key: string, value: unknown): FieldValue {
  if (value === null || value === undefined || value === "") return { kind: "none" };
  if (typeof value === "boolean") return text(value ? "Yes" : "No");
  if (Array.isArray(value)) return listOf(key, value);
  if (typeof value === "number") return numberOf(key, value);
  if (typeof value !== "string") return text(JSON.stringify(value));
  if (isRunErrorCode(value)) return { kind: "error", code: value };
  if (key === "time_of_day") return { kind: "time_of_day", time: value };
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value))
    return { kind: "instant", at: new Date(value).toISOString() };
  return text(choices[key]?.[value] ?? value);
}

function listOf(key: string, values: readonly unknown[]): FieldValue {
  if (values.length === 0) return { kind: "none" };
  return { kind: "list", items: values.map((value) => itemText(key, value)) };
}

function itemText(key: string, value: unknown): string {
  if (key === "days_of_week") return weekdays.find(({ day }) => day === value)?.short ?? String(value);
  if (typeof value === "string") return findType(value)?.label ?? value;
  if (isMember(value)) return `${value.email} (${choices.role?.[value.role] ?? value.role})`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function numberOf(key: string, value: number): FieldValue {
  const link = linked[key];
  if (link) return { kind: "link", text: `${link.name} ${value}`, path: `${link.path}/${value}` };
  if (value === 0 && /^(retention_keep|start_window|pause_after)/.test(key)) return text("Off");
  if (key === "start_window_minutes") return text(`${value} min`);
  if (key.startsWith("bytes")) return text(bytesText(value));
  return text(String(value));
}

function text(words: string): FieldValue {
  return { kind: "text", text: words };
}

function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === "object" && value !== null && "from" in value && "to" in value;
}

function isMember(value: unknown): value is { email: string; role: string } {
  return typeof value === "object" && value !== null && "email" in value && "role" in value;
}

function sentenceCase(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
