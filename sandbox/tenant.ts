import { AuditTrail } from "./audit-trail.ts";
import { READ_PERMISSIONS } from "./collections.ts";
import { generateTenant } from "./generate/tenant.ts";
import type { GraphObject } from "./json.ts";
import { hash32 } from "./random.ts";
import { type DriftRequest, type DriftResult, TenantStore } from "./store.ts";
import { Approvals } from "./write/approvals.ts";
import { Publishing } from "./write/publishing.ts";
import { WRITE_PERMISSIONS } from "./write/write-spec.ts";

/** An app registration beside the one that reads. */
interface Writer {
  clientId: string;
  clientSecret: string;
  /** Application permissions granted; by default those that write everything. */
  permissions?: string[];
}

/** A tenant of the sandbox and the app registration that reads it. */
export interface SandboxTenant {
  /** A GUID, as Entra's. */
  entraTenantId: string;
  clientId: string;
  clientSecret: string;
  displayName?: string;
  /** The same seed gives the same objects; by default it comes from `entraTenantId`. */
  seed?: number;
  /** Generated policies of all types together; 120 by default. Foundations come on top. */
  policies?: number;
  /** Application permissions granted; by default those that read everything. */
  permissions?: string[];
  /** Certificate (PEM) whose key may sign client assertions instead of the secret. */
  certificate?: string;
  /** A second app registration, which may write. */
  writer?: Writer;
}

/** An app registration as it lives: who signs in, and what it was granted. */
export interface Registration {
  clientId: string;
  clientSecret: string;
  permissions: readonly string[];
}

const DEFAULT_POLICIES = 120;

/** `Contoso` has people at `contoso.example`. */
function domainOf({ displayName }: SandboxTenant): string {
  const name = (displayName ?? "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${name.replaceAll(/^-|-$/g, "") || "tenant"}.example`;
}

/** A tenant as it lives: its objects, and what its administrators did to the app registration. */
export class TenantState {
  readonly config: Readonly<SandboxTenant>;
  readonly store: TenantStore;
  /** What its administrators did, for the audit logs. */
  readonly auditTrail: AuditTrail;
  /** Whether writes wait for a second administrator. */
  readonly approvals = new Approvals();
  /** When new apps are published. */
  readonly publishing: Publishing;
  /** How long objects that are made stay hidden, in milliseconds. */
  hiddenMs = 0;
  /** Settings of the ADMX files that its administrators imported, with what they ask for inline. */
  readonly uploaded: GraphObject[] = [];
  /** Ids of templates that Microsoft offers to it no more. */
  readonly retired = new Set<string>();
  /** Ids of settings that it is not offered, as without a license. */
  readonly withheld = new Set<string>();
  /** Ids of settings that Microsoft wants in every policy of a template, by the template's id. */
  readonly required = new Map<string, Set<string>>();
  /** How Microsoft spells ids of settings and options that policies show in small letters, by those. */
  readonly spelled = new Map<string, string>();
  /** Files of Defender for Endpoint that were sent, by policy and kind: Graph never returns one. */
  readonly onboardingFiles = new Map<string, string>();
  /** What was deleted and can be brought back, by the collection's path. */
  readonly deleted = new Map<string, GraphObject[]>();
  #permissions: readonly string[];
  #secretExpired = false;
  #tokensRevoked = 0;

  /** @param given objects served instead of generated ones, by collection path */
  constructor(config: SandboxTenant, given: ReadonlyMap<string, readonly GraphObject[]> | undefined) {
    this.config = config;
    const seed = config.seed ?? hash32(config.entraTenantId.toLowerCase());
    const sources = given ? new Map() : generateTenant(seed, config.policies ?? DEFAULT_POLICIES);
    this.store = new TenantStore(sources, given ?? new Map());
    this.publishing = new Publishing(this.store);
    this.auditTrail = new AuditTrail(seed, domainOf(config));
    this.#permissions = config.permissions ?? READ_PERMISSIONS;
  }

  /** Lets administrators change, add and delete objects; says which, and leaves events in the audit logs. */
  drift(request: DriftRequest): DriftResult {
    return this.store.drift(request, (kind, collection, object) => {
      // A touch is no administrator's: counters that devices move.
      if (kind === "touched") return;
      const operation = kind === "changed" ? "update" : kind === "added" ? "create" : "delete";
      this.auditTrail.note(operation, collection, object);
    });
  }

  get id(): string {
    return this.config.entraTenantId.toLowerCase();
  }

  get permissions(): readonly string[] {
    return this.#permissions;
  }

  set permissions(granted: readonly string[]) {
    this.#permissions = [...granted];
  }

  /** The app registration of a client id, in any case of letters. */
  registration(clientId: string): Registration | undefined {
    const { config } = this;
    const named = (one: { clientId: string }) => one.clientId.toLowerCase() === clientId.toLowerCase();
    if (named(config)) return { ...config, permissions: this.#permissions };
    const { writer } = config;
    return writer && named(writer)
      ? { ...writer, permissions: writer.permissions ?? WRITE_PERMISSIONS }
      : undefined;
  }

  get secretExpired(): boolean {
    return this.#secretExpired;
  }

  expireSecret(): void {
    this.#secretExpired = true;
  }

  /** Tokens of an older generation than this are refused as expired. */
  get tokenGeneration(): number {
    return this.#tokensRevoked;
  }

  expireTokens(): void {
    this.#tokensRevoked++;
  }

  reset(): void {
    this.store.reset();
    this.auditTrail.reset();
    this.approvals.reset();
    this.publishing.reset();
    this.hiddenMs = 0;
    this.uploaded.length = 0;
    this.retired.clear();
    this.withheld.clear();
    this.required.clear();
    this.spelled.clear();
    this.onboardingFiles.clear();
    this.deleted.clear();
    this.#permissions = this.config.permissions ?? READ_PERMISSIONS;
    this.#secretExpired = false;
    this.#tokensRevoked = 0;
  }
}
