import { randomUUID } from "node:crypto";
import { collectionAt } from "../collections.ts";
import { type GraphObject, isObject, objectsOf } from "../json.ts";
import type { TenantState } from "../tenant.ts";
import { settingIdsIn } from "./setting-spelling.ts";

/** Groups that Graph knows without a directory object: all users and all devices. */
const VIRTUAL: ReadonlySet<string> = new Set([
  "acacacac-9df4-4c7d-9d50-4ef0226f57a9",
  "adadadad-808e-44e2-905a-0b7873a8a531",
  "all_users",
]);

/** Whether the tenant has an object under an id. */
export function exists(tenant: TenantState, collection: string, id: string): boolean {
  if (collection === "groups" && VIRTUAL.has(id)) return true;
  const spec = collectionAt(collection);
  if (spec === undefined) return false;
  const store = tenant.store.collection(spec);
  const index = store.find(id);
  return index !== undefined && !store.isHidden(index);
}

/** An object of the tenant, its children inline. */
export function objectIn(tenant: TenantState, collection: string, id: string): GraphObject | undefined {
  const spec = collectionAt(collection);
  if (!spec) return undefined;
  const store = tenant.store.collection(spec);
  const index = store.find(id);
  return index === undefined || store.isHidden(index) ? undefined : store.whole(index);
}

/** Whether an enterprise application answers to an application id. */
export function hasApplication(tenant: TenantState, appId: string): boolean {
  const spec = collectionAt("servicePrincipals");
  if (!spec) return false;
  const store = tenant.store.collection(spec);
  return [...store.indexes()].some((index) => store.entityAt(index).props.appId === appId);
}

/** What Microsoft keeps for all tenants alike: definitions of settings and templates, learned from what uses them. */
export class MicrosoftContent {
  readonly #tenants: () => Iterable<TenantState>;
  readonly #definitions = new Map<string, GraphObject>();
  readonly #presentations = new Map<string, GraphObject>();
  readonly #templates = new Map<string, GraphObject>();
  readonly #templateSettings = new Map<string, Set<string>>();
  readonly #intents = new Map<string, GraphObject>();
  /** Ids of settings and their options as policies spell them, by small letters. */
  readonly #settingIds = new Map<string, Set<string>>();
  #learned = false;

  constructor(tenants: () => Iterable<TenantState>) {
    this.#tenants = tenants;
  }

  /** The definition of an administrative template's setting. */
  definition(id: string): GraphObject | undefined {
    this.#learn();
    return this.#definitions.get(id);
  }

  presentation(id: string): GraphObject | undefined {
    this.#learn();
    return this.#presentations.get(id);
  }

  /** The reference to a template of the settings catalog, as a policy of it shows it. */
  template(id: string): GraphObject | undefined {
    return this.#known(this.#templates, id);
  }

  /** The settings of such a template: all that any policy of it ever had. */
  settingsOf(templateId: string): readonly string[] {
    this.#learn();
    return [...(this.#templateSettings.get(templateId) ?? [])];
  }

  /** How the id of a setting or option is spelled; as it is given where nobody knows it, or it is one of several. */
  spelling(id: string): string {
    this.#learn();
    const known = this.#settingIds.get(id.toLowerCase());
    if (!known || known.has(id)) return id;
    const [own = id] = known;
    return own;
  }

  /** A policy of a template of endpoint security, for its categories and settings. */
  intentOf(templateId: string): GraphObject | undefined {
    return this.#known(this.#intents, templateId);
  }

  /** A policy may have come since: what is not known is looked for again. */
  #known(among: ReadonlyMap<string, GraphObject>, id: string): GraphObject | undefined {
    this.#learn();
    if (id === "" || among.has(id)) return among.get(id);
    this.#learned = false;
    this.#learn();
    return among.get(id);
  }

  #learn(): void {
    if (this.#learned) return;
    this.#learned = true;
    for (const tenant of this.#tenants()) {
      const all = (collection: string): GraphObject[] => {
        const spec = collectionAt(collection);
        return spec ? tenant.store.collection(spec).ever() : [];
      };
      for (const policy of all("deviceManagement/groupPolicyConfigurations")) {
        for (const value of objectsOf(policy.definitionValues)) {
          // Settings of imported ADMX files are their tenant's alone.
          if (isObject(value.definition) && value.definition.policyType === "admxIngested") continue;
          if (isObject(value.definition))
            this.#definitions.set(String(value.definition.id), value.definition);
          for (const { presentation } of objectsOf(value.presentationValues))
            if (isObject(presentation)) this.#presentations.set(String(presentation.id), presentation);
        }
      }
      for (const { settings } of all("deviceManagement/compliancePolicies"))
        for (const id of settingIdsIn(settings)) this.#learnSpelling(id);
      for (const { templateReference, settings } of all("deviceManagement/configurationPolicies")) {
        for (const id of settingIdsIn(settings)) this.#learnSpelling(id);
        if (!isObject(templateReference)) continue;
        const id = String(templateReference.templateId);
        this.#templates.set(id, templateReference);
        const known = this.#templateSettings.get(id) ?? new Set<string>();
        this.#templateSettings.set(id, known);
        for (const { settingInstance } of id === "" ? [] : objectsOf(settings))
          if (isObject(settingInstance)) known.add(String(settingInstance.settingDefinitionId));
      }
      for (const intent of all("deviceManagement/intents"))
        this.#intents.set(String(intent.templateId), intent);
    }
  }

  #learnSpelling(id: string): void {
    const small = id.toLowerCase();
    this.#settingIds.set(small, (this.#settingIds.get(small) ?? new Set()).add(id));
  }
}

export function newId(): string {
  return randomUUID();
}
