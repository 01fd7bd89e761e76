import { randomUUID } from "node:crypto";
import { alertLabel, type Severity, testKind } from "#lib/alerts/kinds";
import { env } from "#lib/env";

/** What changed in policies, or how they differ, for messages that people read. */
export interface ChangesInWords {
  /** A line a setting; `more` of the policy's are not told. */
  policies: { name: string; lines: string[]; more: number }[];
  /** Further policies, which are not told. */
  more: number;
}

/** An event, as every kind of target says it. */
export interface Message {
  /** The same on every attempt, and for every target. */
  id: string;
  kind: string;
  severity: Severity;
  /** Of the end of an incident. */
  is_end: boolean;
  title: string;
  body: string;
  /** A path of TenantPilot's pages. */
  link: string | null;
  data: Record<string, unknown>;
  /** Null: it concerns the installation. */
  tenant: { id: number; name: string } | null;
  incident_id: number | null;
  created_at: string;
  /** Of changed policies and of drift, as far as they could be read. */
  changes?: ChangesInWords;
  /** It goes to a target of the platform. */
  is_for_platform?: true;
}

/** The first of the policies and of their lines; what is left out is counted. */
export function fewerChanges(
  changes: ChangesInWords,
  most: { policies: number; lines: number },
): ChangesInWords {
  const policies = changes.policies.slice(0, most.policies).map(({ name, lines, more }) => ({
    name: cut(name, 200),
    lines: lines.slice(0, most.lines).map((line) => cut(line, 300)),
    more: more + Math.max(0, lines.length - most.lines),
  }));
  return { policies, more: changes.more + changes.policies.length - policies.length };
}

/** That there are further policies, which are not told; null where there are none. */
export function morePolicies({ kind, changes }: Message): string | null {
  const more = changes?.more ?? 0;
  if (more === 0) return null;
  const what = kind.startsWith("drift.") ? "differing" : "changed";
  return `And ${more} more ${what} ${more === 1 ? "policy" : "policies"}.`;
}

/** The address of a page, where it is known by which name people reach the service. */
export function pageAddress(path: string | null): string | null {
  const { NEXTAUTH_URL } = env();
  return path === null || NEXTAUTH_URL === undefined ? null : new URL(path, NEXTAUTH_URL).href;
}

/** What is done about an incident, from its message: acknowledge, snooze. */
export function incidentAddress(message: Message): string | null {
  return message.incident_id === null || message.tenant === null
    ? null
    : pageAddress(`/tenants/${message.tenant.id}/alerts?incident=${message.incident_id}`);
}

/** By which a target is tested: a tenant's, or the platform's. */
export function testMessage(tenant: Message["tenant"], now: Date): Message {
  return {
    id: `evt_${randomUUID()}`,
    kind: testKind,
    severity: "info",
    is_end: false,
    title: "Test from TenantPilot",
    body: "Alerts arrive here. Nothing has happened.",
    link: tenant ? `/tenants/${tenant.id}/alerts` : "/platform/alerts",
    data: {},
    tenant,
    incident_id: null,
    created_at: now.toISOString(),
    ...(tenant ? {} : { is_for_platform: true }),
  };
}

/** In one line. */
export function headline(message: Message): string {
  return message.tenant ? `${message.title}: ${message.tenant.name}` : message.title;
}

/** How bad it is, in a word. */
export function severityWord(message: Pick<Message, "severity" | "is_end">): string {
  if (message.is_end) return "Over";
  return { info: "Information", warning: "Warning", critical: "Critical" }[message.severity];
}

/** The facts below the text: names and values. */
export function factsOf(message: Message): [string, string][] {
  const schedule = message.data.schedule_name;
  return [
    ...(message.tenant ? [["Tenant", message.tenant.name] satisfies [string, string]] : []),
    ...(typeof schedule === "string" ? [["Schedule", schedule] satisfies [string, string]] : []),
    ["What", alertLabel(message.kind)],
    ["Severity", severityWord(message)],
    ["When", `${message.created_at.slice(0, 16).replace("T", " ")} UTC`],
  ];
}

/** A text cut to so many UTF-16 units, in which receivers count, with a sign that it was; no character is halved. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
