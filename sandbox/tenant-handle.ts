import type { AuditRecord } from "./audit-trail.ts";
import { baseOf, type CollectionSpec, collectionAt, type Version } from "./collections.ts";
import type { GraphObject } from "./json.ts";
import { narrowedObject } from "./schema.ts";
import type { DriftRequest, DriftResult } from "./store.ts";
import type { TenantState } from "./tenant.ts";

function known(path: string): CollectionSpec {
  const spec = collectionAt(path.replace(/^\//, ""));
  if (!spec) throw new Error(`The sandbox has no collection ${path}.`);
  return spec;
}

/** What a test may do to a tenant. Collections are named by path: `deviceManagement/configurationPolicies`. */
export class TenantHandle {
  readonly #state: TenantState;

  constructor(state: TenantState) {
    this.#state = state;
  }

  /** Lets objects change, appear, disappear; says which. */
  drift(request: DriftRequest): DriftResult {
    return this.#state.drift(request);
  }

  /** What its administrators did, oldest first: what the audit logs tell. */
  auditTrail(): readonly AuditRecord[] {
    return this.#state.auditTrail.records;
  }

  /** Adds to the audit logs what somebody did to an object, or failed to do; the object itself stays as it is. */
  noteInAuditLog(
    operation: AuditRecord["operation"],
    collection: string,
    object: GraphObject & { id: string },
    options: { at?: number; succeeded?: boolean } = {},
  ): AuditRecord {
    return this.#state.auditTrail.note(operation, collection, object, options);
  }

  /** Grants exactly these application permissions; what is taken away counts at once, the rest in new tokens. */
  setPermissions(permissions: readonly string[]): void {
    this.#state.permissions = permissions;
  }

  /**
   * Writes to Intune wait for a second administrator from now on, or no more.
   * @param forbids it is said with 403, and not with 400 and 412
   */
  requireApproval(required = true, { forbids = false }: { forbids?: boolean } = {}): void {
    this.#state.approvals.require(required, forbids);
  }

  /** The codes of the writes that wait. */
  waitingForApproval(): readonly string[] {
    return this.#state.approvals.waiting;
  }

  /** A second administrator approves what waits under a code. */
  approve(code: string): void {
    this.#state.approvals.approve(code);
  }

  /**
   * What is made from now on stays hidden for a while: it is not listed, not found, and nothing may refer to it.
   * @param ms milliseconds; 0: everything shows, at once
   */
  hideNewObjects(ms: number): void {
    this.#state.hiddenMs = ms;
    if (ms === 0) for (const store of this.#state.store.collections()) store.showAll();
  }

  /**
   * How long an app that is made from now on is `processing`; till then it is assigned to nobody.
   * @param ms milliseconds; 0: all are published, at once; `Infinity`: until another call
   */
  publishAppsAfter(ms: number): void {
    this.#state.publishing.lasts = ms;
    if (ms === 0) this.#state.publishing.publish("all");
  }

  /** The client secret is answered with AADSTS7000222 from now on. */
  expireSecret(): void {
    this.#state.expireSecret();
  }

  /** All tokens given so far are answered with 401. */
  expireTokens(): void {
    this.#state.expireTokens();
  }

  /**
   * Every object of the configuration with its children inline, collection by collection; made one by one.
   * @param collection only this one's
   */
  *objects(collection?: string): Generator<{ collection: string; id: string; object: GraphObject }> {
    const only = collection === undefined ? undefined : baseOf(known(collection));
    for (const store of this.#state.store.collections()) {
      if (only ? store.spec !== only : store.spec.namesOnly) continue;
      for (const index of store.indexes())
        yield { collection: store.spec.path, id: store.idAt(index), object: store.whole(index) };
    }
  }

  /** How many objects a collection has. */
  count(collection: string): number {
    const spec = known(collection);
    const store = this.#state.store.collection(spec);
    if (baseOf(spec) === spec) return store.count();
    return [...store.indexes()].filter((index) => spec.types.includes(store.typeAt(index))).length;
  }

  /** One object with its children inline. */
  get(collection: string, id: string): GraphObject | undefined {
    const store = this.#state.store.collection(known(collection));
    const index = store.find(id);
    return index === undefined ? undefined : store.whole(index);
  }

  /**
   * One object as a version of Graph gives it, with its children inline: without what the version lacks, and with
   * `@odata.type` only where the type is not the collection's own.
   */
  shown(collection: string, id: string, version: Version): GraphObject | undefined {
    const spec = known(collection);
    const whole = this.get(collection, id);
    return whole && narrowedObject(whole, spec.types[0], version);
  }

  /** Adds an object of your own, children inline, or replaces the one with its id. */
  put(collection: string, object: GraphObject & { id: string }): void {
    this.#state.store.put(known(collection), object);
  }

  /** Deletes an object; with `listed` it stays in the lists and answers 404 when read. */
  remove(collection: string, id: string, options: { listed?: boolean } = {}): void {
    const store = this.#state.store.collection(known(collection));
    const index = store.find(id);
    if (index === undefined) throw new Error(`${collection} has no object ${id}.`);
    if (options.listed) store.hide(index);
    else store.remove(index);
  }

  /** Deletes an object as conditional access does: for 30 days it can be brought back. */
  removeSoftly(collection: string, id: string): void {
    const object = this.get(collection, id);
    if (!object) throw new Error(`${collection} has no object ${id}.`);
    this.remove(collection, id);
    const { path } = known(collection);
    const others = (this.#state.deleted.get(path) ?? []).filter((one) => one.id !== id);
    this.#state.deleted.set(path, [...others, object]);
  }

  /**
   * Imports ADMX files in place of all that were: their settings get the ids that are given.
   * @param definitions with `classType`, `displayName`, `categoryPath`, and `presentations` inline
   */
  importAdmx(definitions: readonly (GraphObject & { id: string })[]): void {
    const imported = definitions.map((one) => ({ ...one, policyType: "admxIngested" }));
    this.#state.uploaded.splice(0, this.#state.uploaded.length, ...imported);
  }

  /** Microsoft offers a template to the tenant no more. */
  retireTemplate(id: string): void {
    this.#state.retired.add(id);
  }

  /** The tenant is not offered a setting of a template, as without a license; by the id of its definition. */
  withholdSetting(id: string): void {
    this.#state.withheld.add(id);
  }

  /** Microsoft wants a setting in every policy of a template from now on; by the id of its definition. */
  requireSetting(templateId: string, id: string): void {
    const { required } = this.#state;
    required.set(templateId, (required.get(templateId) ?? new Set()).add(id));
  }

  /**
   * Microsoft spells the id of a setting, or of an option of one, with these small and capital letters: no other are taken.
   * Policies show it in small ones all the same.
   */
  spellSetting(id: string): void {
    this.#state.spelled.set(id.toLowerCase(), id);
  }

  /** The file of Defender for Endpoint that was sent for a legacy policy; undefined: none was. */
  onboardingFile(policyId: string, kind: "Onboarding" | "Offboarding" = "Onboarding"): string | undefined {
    return this.#state.onboardingFiles.get(`${policyId} ${kind}`);
  }
}
