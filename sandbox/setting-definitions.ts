/**
 * Definitions of the settings catalog's settings, as Microsoft serves them: made up for the settings that the tenant's
 * policies hold, generated or given, since nobody may pass Microsoft's own on. What a setting may be chosen from is what
 * its policies chose, and what lies below the numbers of those choices.
 */

import { type CollectionSpec, collectionAt, type Family, type Version } from "./collections.ts";
import { GraphError, intuneMessage, type RequestIds } from "./http-error.ts";
import { type GraphObject, isObject, type Json, objectsOf, typeName } from "./json.ts";
import { nextLink } from "./next-link.ts";
import { parseQuery, type Query } from "./odata-query.ts";
import { hash32, Random } from "./random.ts";
import type { TenantStore } from "./store.ts";
import type { TenantState } from "./tenant.ts";
import type { MicrosoftContent } from "./write/tenant-objects.ts";

/** Where definitions, or the categories that they stand in, are served. */
export interface DefinitionSpec {
  path: string;
  versions: readonly Version[];
  family: Family;
  permissions: readonly string[];
  serves:
    | "settings"
    | "categories"
    | "legacy template"
    | "template"
    | "categories of imported files"
    | "definition of an imported file";
  /** What of one of them is served in its place, as a collection. */
  below?: string;
  /** The collections whose policies hold the settings. */
  from: readonly string[];
}

const DM = "deviceManagement";
const AM = "deviceAppManagement";

const SPECS: readonly DefinitionSpec[] = (
  [
    [
      "configurationSettings",
      "settings",
      [`${DM}/configurationPolicies`, `${AM}/targetedManagedAppConfigurations`],
    ],
    ["complianceSettings", "settings", [`${DM}/compliancePolicies`]],
    ["reusableSettings", "settings", [`${DM}/reusablePolicySettings`]],
    [
      "configurationCategories",
      "categories",
      [
        `${DM}/configurationPolicies`,
        `${AM}/targetedManagedAppConfigurations`,
        `${DM}/reusablePolicySettings`,
      ],
    ],
    ["complianceCategories", "categories", [`${DM}/compliancePolicies`]],
    ["templates", "legacy template", [`${DM}/intents`], "categories"],
    ["configurationPolicyTemplates", "template", [`${DM}/configurationPolicies`], "settingTemplates"],
    // Microsoft's own are not served: nobody asks for them.
    ["groupPolicyCategories", "categories of imported files", []],
    ["groupPolicyDefinitions", "definition of an imported file", [], "presentations"],
  ] as const
).map(([name, serves, from, below]) => ({
  path: `${DM}/${name}`,
  versions: ["beta"],
  family: "intune",
  permissions: ["DeviceManagementConfiguration.Read.All"],
  serves,
  from,
  ...(below !== undefined && { below }),
}));

/** What serves definitions at a path such as `deviceManagement/configurationSettings`; case does not matter. */
export function definitionsAt(path: string): DefinitionSpec | undefined {
  return SPECS.find((spec) => spec.path.toLowerCase() === path.toLowerCase());
}

/** One GET, already allowed. */
interface DefinitionRequest {
  spec: DefinitionSpec;
  id: string | undefined;
  /** It is asked for, and not what is below it. */
  itself?: true;
  tenant: TenantState;
  content: MicrosoftContent;
  version: Version;
  path: string;
  parameters: URLSearchParams;
  origin: string;
  ids: RequestIds;
}

/**
 * The body that Graph answers to a GET on definitions or categories.
 * @throws GraphError 404 for an id that no policy of the tenant holds
 */
export function respondDefinitions(request: DefinitionRequest): GraphObject {
  const { spec, id, itself, tenant, version, path, parameters, origin, ids } = request;
  const { store } = tenant;
  const context = `${origin}/${version}/$metadata#${spec.path}`;
  const notThere = () =>
    new GraphError(404, "ResourceNotFound", intuneMessage("An error has occurred", path, ids));
  if (id !== undefined && itself) {
    const found = oneItself(request, id);
    if (!found) throw notThere();
    return { "@odata.context": `${context}/$entity`, ...found };
  }
  if (id !== undefined && spec.below !== undefined) {
    const found = below(request, id);
    if (!found) throw notThere();
    return { "@odata.context": `${context}('${id}')/${spec.below}`, value: found };
  }
  if (id !== undefined) {
    const found = catalogOf(store).find(spec, id);
    if (!found) throw notThere();
    return { "@odata.context": `${context}/$entity`, ...found };
  }
  const query = parseQuery(parameters);
  const all =
    spec.serves === "categories of imported files"
      ? importedCategories(tenant.uploaded, query)
      : catalogOf(store).all(spec);
  const size = query.top ?? 1000;
  const from = query.skipToken + query.skip;
  return {
    "@odata.context": context,
    ...(from + size < all.length && {
      "@odata.nextLink": nextLink({ parameters, origin, path, version }, from + size),
    }),
    value: all.slice(from, from + size),
  };
}

/** What is below a template, or below a setting of an imported file; undefined when that is not there. */
function below(
  { spec, tenant, content, parameters }: DefinitionRequest,
  id: string,
): GraphObject[] | undefined {
  const expands = parseQuery(parameters).expand.map(({ name }) => name);
  if (spec.serves === "template") return settingTemplates(tenant, content, id, expands);
  if (spec.serves === "definition of an imported file") {
    const definition = tenant.uploaded.find((one) => one.id === id);
    return definition && objectsOf(definition.presentations);
  }
  return legacyCategories(tenant.store, id, expands);
}

/** A template, or a setting of an imported file. */
function oneItself({ spec, tenant, content }: DefinitionRequest, id: string): GraphObject | undefined {
  const isRetired = tenant.retired.has(id);
  if (spec.serves === "template") {
    const known = content.template(id);
    if (!known) return undefined;
    const { templateDisplayName = null, templateFamily = null } = known;
    const lifecycleState = isRetired ? "deprecated" : "active";
    return { id, displayName: templateDisplayName, templateFamily, lifecycleState };
  }
  if (spec.serves === "legacy template")
    return content.intentOf(id) && { id, displayName: "Endpoint security", isDeprecated: isRetired };
  const found = tenant.uploaded.find((one) => one.id === id);
  if (!found) return undefined;
  const { presentations: _, ...definition } = found;
  return definition;
}

/** The categories that the settings of imported files stand in. */
function importedCategories(uploaded: readonly GraphObject[], { expand, filter }: Query): GraphObject[] {
  const paths = [...new Set(uploaded.map(({ categoryPath }) => String(categoryPath)))];
  const isWhole = expand.some(({ name }) => name === "definitions");
  const all = paths.map((path): GraphObject => {
    const definitions = uploaded
      .filter(({ categoryPath }) => String(categoryPath) === path)
      .map(({ presentations: _, ...definition }) => definition);
    return {
      id: new Random("imported category", path).guid(),
      displayName: path.split("\\").at(-1) ?? path,
      isRoot: false,
      ingestionSource: "custom",
      ...(isWhole && { definitions }),
    };
  });
  return filter ? all.filter(filter) : all;
}

/** The policies of a collection, with their children. */
function wholeIn(store: TenantStore, path: string): GraphObject[] {
  const spec = collectionAt(path);
  if (!spec) return [];
  const collection = store.collection(spec);
  return [...collection.indexes()].map((index) => collection.whole(index));
}

/**
 * The settings of a template: those that policies which were made from it have or had, in an order of its own, but for those
 * that the tenant is not offered.
 */
function settingTemplates(
  { store, withheld, required, spelled }: TenantState,
  content: MicrosoftContent,
  templateId: string,
  expands: readonly string[],
): GraphObject[] | undefined {
  const made = wholeIn(store, `${DM}/configurationPolicies`).filter(
    ({ templateReference }) => isObject(templateReference) && templateReference.templateId === templateId,
  );
  if (made.length === 0 && !content.template(templateId)) return undefined;
  const places = new Map<string, string>();
  const held = made
    .flatMap(({ settings }) => objectsOf(settings))
    .map(({ settingInstance }) => {
      if (!isObject(settingInstance)) return "";
      const { settingDefinitionId, settingInstanceTemplateReference: reference } = settingInstance;
      const place = isObject(reference) ? reference.settingInstanceTemplateId : null;
      if (typeof place === "string") places.set(String(settingDefinitionId), place);
      return String(settingDefinitionId);
    });
  const needed = required.get(templateId) ?? new Set<string>();
  const settingIds = [...new Set([...held, ...content.settingsOf(templateId), ...needed])].filter(
    (settingId) => !withheld.has(settingId),
  );
  const spell = (settingId: string) => spelled.get(settingId.toLowerCase()) ?? settingId;
  const isWhole = expands.includes("settingDefinitions");
  const observed = isWhole ? observedIn(store, templateId) : new Map<string, Observed>();
  return settingIds.sort().map((settingId, n) => ({
    id: String(n),
    settingInstanceTemplate: {
      "@odata.type": `${TYPE}SettingInstanceTemplate`,
      settingInstanceTemplateId: spell(
        places.get(settingId) ?? new Random("template", templateId, settingId).guid(),
      ),
      settingDefinitionId: spell(settingId),
      isRequired: needed.has(settingId),
    },
    ...(isWhole && { settingDefinitions: definitionsBelow(settingId, observed, spell) }),
  }));
}

/** What all policies that were ever made from a template tell of its settings. */
function observedIn(store: TenantStore, templateId: string): Map<string, Observed> {
  const found = new Map<string, Observed>();
  const spec = collectionAt(`${DM}/configurationPolicies`);
  for (const { templateReference, settings } of spec ? store.collection(spec).ever() : [])
    if (isObject(templateReference) && templateReference.templateId === templateId)
      for (const { settingInstance } of objectsOf(settings)) observe(settingInstance, null, found);
  return found;
}

/** The definitions of a setting and of all below it. */
function definitionsBelow(
  settingId: string,
  observed: ReadonlyMap<string, Observed>,
  spell: (id: string) => string,
): GraphObject[] {
  const ids = new Set([settingId]);
  for (const id of ids) for (const child of observed.get(id)?.children ?? []) ids.add(child);
  return [...ids].map((id): GraphObject => {
    const none: Observed = { id, kind: "text", root: settingId, children: new Set(), options: new Set() };
    const definition = definitionOf(observed.get(id) ?? none);
    const { rootDefinitionId, options } = definition;
    return {
      ...definition,
      id: spell(id),
      rootDefinitionId: spell(String(rootDefinitionId)),
      ...(Array.isArray(options) && {
        options: objectsOf(options).map((one) => ({ ...one, itemId: spell(String(one.itemId)) })),
      }),
    };
  });
}

/** The categories of a legacy template, as the policies that were made from it have them. */
function legacyCategories(
  store: TenantStore,
  templateId: string,
  expands: readonly string[],
): GraphObject[] | undefined {
  const made = wholeIn(store, `${DM}/intents`).find((intent) => intent.templateId === templateId);
  return (
    made &&
    objectsOf(made.categories).map(({ id = null, displayName = null, settings }) => ({
      id,
      displayName,
      description: null,
      ...(expands.includes("settingDefinitions") && {
        settingDefinitions: objectsOf(settings).map(({ definitionId, valueJson }, n) => ({
          "@odata.type": "#microsoft.graph.deviceManagementSettingDefinition",
          id: String(definitionId),
          valueType: /^(true|false)$/.test(String(valueJson)) ? "boolean" : "integer",
          displayName: `${String(displayName)} setting ${n + 1}`,
          isTopLevel: true,
          description: `Sets ${String(displayName).toLowerCase()} setting ${n + 1}. Made up by the sandbox.`,
          documentationUrl: null,
          keywords: [],
          constraints: [],
          dependencies: [],
        })),
      }),
    }))
  );
}

const catalogs = new WeakMap<TenantStore, SettingCatalog>();

function catalogOf(store: TenantStore): SettingCatalog {
  const known = catalogs.get(store) ?? new SettingCatalog(store);
  catalogs.set(store, known);
  return known;
}

/** What the policies of a tenant tell of a setting. */
interface Observed {
  id: string;
  kind: Kind;
  root: string;
  children: Set<string>;
  options: Set<string>;
}

type Kind = "choice" | "choices" | "text" | "number" | "secret" | "texts" | "numbers" | "group" | "groups";

class SettingCatalog {
  readonly #store: TenantStore;
  /** By the collection's path. */
  readonly #observed = new Map<string, Map<string, Observed>>();

  constructor(store: TenantStore) {
    this.#store = store;
  }

  /** One definition or category. A policy may have come since: what is not known is looked for again. */
  find(spec: DefinitionSpec, id: string): GraphObject | undefined {
    return this.#among(spec, id) ?? this.#forget(spec).#among(spec, id);
  }

  #among(spec: DefinitionSpec, id: string): GraphObject | undefined {
    if (spec.serves === "categories") return this.#categories(spec).get(id);
    for (const path of spec.from) {
      const observed = this.#settingsIn(path).get(id);
      if (observed) return definitionOf(observed);
    }
    return undefined;
  }

  all(spec: DefinitionSpec): GraphObject[] {
    this.#forget(spec);
    if (spec.serves === "categories") return [...this.#categories(spec).values()];
    return spec.from.flatMap((path) => [...this.#settingsIn(path).values()].map(definitionOf));
  }

  #forget({ from }: DefinitionSpec): this {
    for (const path of from) this.#observed.delete(path);
    return this;
  }

  #categories({ from }: DefinitionSpec): Map<string, GraphObject> {
    const paths = from.flatMap((path) =>
      [...this.#settingsIn(path).values()].map(({ root }) => categoryPath(root)),
    );
    return new Map(
      paths
        .flatMap((path) => path.map((_, at) => path.slice(0, at + 1)))
        .map((path) => [categoryId(path), categoryOf(path)]),
    );
  }

  #settingsIn(path: string): Map<string, Observed> {
    const known = this.#observed.get(path);
    if (known) return known;
    const found = new Map<string, Observed>();
    this.#observed.set(path, found);
    const spec: CollectionSpec | undefined = collectionAt(path);
    if (!spec) return found;
    const store = this.#store.collection(spec);
    for (const index of store.indexes()) {
      const { settings, settingInstance } = store.whole(index);
      for (const setting of objectsOf(settings)) observe(setting.settingInstance, null, found);
      observe(settingInstance, null, found);
    }
    return found;
  }
}

function observe(instance: Json | undefined, parent: Observed | null, found: Map<string, Observed>): void {
  if (!isObject(instance)) return;
  const id = String(instance.settingDefinitionId ?? "");
  if (id === "") return;
  const setting: Observed = found.get(id) ?? {
    id,
    kind: kindOf(instance),
    root: parent?.root ?? id,
    children: new Set(),
    options: new Set(),
  };
  found.set(id, setting);
  // Generated policies have settings of several kinds under one id: those that are chosen need their options.
  if (setting.kind !== "choices" && kindOf(instance).startsWith("choice")) setting.kind = kindOf(instance);
  parent?.children.add(id);
  const values = [
    instance.choiceSettingValue,
    instance.groupSettingValue,
    ...[instance.choiceSettingCollectionValue, instance.groupSettingCollectionValue].flatMap((list) =>
      objectsOf(list),
    ),
  ].filter((value) => isObject(value));
  for (const value of values) {
    if (typeof value.value === "string") setting.options.add(value.value);
    for (const child of objectsOf(value.children)) observe(child, setting, found);
  }
}

function kindOf(instance: GraphObject): Kind {
  if (isObject(instance.choiceSettingValue)) return "choice";
  if (instance.choiceSettingCollectionValue !== undefined) return "choices";
  if (isObject(instance.groupSettingValue)) return "group";
  if (instance.groupSettingCollectionValue !== undefined) return "groups";
  const [first] = objectsOf(instance.simpleSettingCollectionValue);
  const value = isObject(instance.simpleSettingValue) ? instance.simpleSettingValue : first;
  const type = value ? typeName(value) : "";
  if (/Secret/.test(type)) return "secret";
  const number = /Integer/.test(type);
  if (isObject(instance.simpleSettingValue)) return number ? "number" : "text";
  return number ? "numbers" : "texts";
}

const TYPE = "#microsoft.graph.deviceManagementConfiguration";

function definitionOf({ id, kind, root, children, options }: Observed): GraphObject {
  const { name, path } = partsOf(id);
  return {
    "@odata.type": `${TYPE}${
      {
        choice: "ChoiceSettingDefinition",
        choices: "ChoiceSettingCollectionDefinition",
        text: "SimpleSettingDefinition",
        number: "SimpleSettingDefinition",
        secret: "SimpleSettingDefinition",
        texts: "SimpleSettingCollectionDefinition",
        numbers: "SimpleSettingCollectionDefinition",
        group: "SettingGroupDefinition",
        groups: "SettingGroupCollectionDefinition",
      }[kind]
    }`,
    id,
    name: name.replaceAll(" ", ""),
    displayName: name,
    description: `Sets ${name.toLowerCase()}. Made up by the sandbox.`,
    helpText: "",
    baseUri: "./Device/Vendor/MSFT/Policy",
    offsetUri: `/Config/${path.join("/")}/${name.replaceAll(" ", "")}`,
    rootDefinitionId: root,
    categoryId: categoryId(categoryPath(root)),
    settingUsage: "configuration",
    uxBehavior: "default",
    visibility: "settingsCatalog,template",
    riskLevel: "low",
    accessTypes: "add,delete,get,replace",
    occurrence: { minDeviceOccurrence: 0, maxDeviceOccurrence: 1 },
    infoUrls: [],
    keywords: [name],
    version: hash32("definition", id).toString(36),
    ...ofKind(id, kind, options),
    ...(children.size > 0 && kind.startsWith("group") ? { childIds: [...children] } : {}),
  };
}

function ofKind(id: string, kind: Kind, options: ReadonlySet<string>): GraphObject {
  if (kind === "choice" || kind === "choices") {
    const all = optionsOf(id, options);
    return {
      defaultOptionId: all[0] ?? null,
      options: all.map((itemId) => ({
        itemId,
        name: suffixOf(id, itemId),
        displayName: optionName(suffixOf(id, itemId)),
        description: null,
        helpText: null,
        optionValue: { "@odata.type": `${TYPE}StringSettingValue`, value: suffixOf(id, itemId) },
        dependentOn: [],
        dependedOnBy: [],
      })),
    };
  }
  if (kind === "number" || kind === "numbers") {
    return {
      defaultValue: null,
      valueDefinition: {
        "@odata.type": `${TYPE}IntegerSettingValueDefinition`,
        minimumValue: 0,
        maximumValue: 4294967295,
      },
    };
  }
  if (kind === "group" || kind === "groups")
    return { minimumCount: 0, maximumCount: 100, dependentOn: [], dependedOnBy: [] };
  return {
    defaultValue: null,
    valueDefinition: {
      "@odata.type": `${TYPE}StringSettingValueDefinition`,
      format: "none",
      isSecret: kind === "secret",
      minimumLength: 0,
      maximumLength: 87516,
    },
  };
}

function suffixOf(id: string, option: string): string {
  return option.startsWith(`${id}_`) ? option.slice(id.length + 1) : (option.split("_").at(-1) ?? option);
}

/** What the policies chose, the numbers below a chosen number, and the other one of true and false. */
function optionsOf(id: string, chosen: ReadonlySet<string>): string[] {
  const suffixes = new Set([...chosen].map((option) => suffixOf(id, option)));
  const numbers = [...suffixes].filter((suffix) => /^\d{1,2}$/.test(suffix)).map(Number);
  if (numbers.length > 0)
    for (let below = 0; below <= Math.max(1, ...numbers); below++) suffixes.add(String(below));
  if (suffixes.has("true") || suffixes.has("false")) for (const word of ["false", "true"]) suffixes.add(word);
  const made = [...suffixes].map((suffix) => `${id}_${suffix}`);
  return [...new Set([...chosen, ...made])].sort((a, b) => a.localeCompare(b, "en-US", { numeric: true }));
}

function optionName(suffix: string): string {
  if (suffix === "0" || suffix === "false") return "Disabled";
  if (suffix === "1" || suffix === "true") return "Enabled";
  return /^\d+$/.test(suffix) ? `Mode ${suffix}` : spoken(suffix);
}

/** Words that ids are made of; longer ones first, so that `passwords` is not `pass` and `words`. */
const WORDS = (
  "account accounts action actions active add address administrator admin advanced age all allow allowed antivirus app " +
  "application apps archive attack audit auth authentication auto automatic backup based behavior bitlocker block blocked boot browser " +
  "cache certificate change check client clipboard cloud complexity config configuration configure connection connections " +
  "content control cookies cortana credential credentials data days default defender delay deny desktop detection device devices " +
  "directory disable disabled display domain download downloads drive dropped edge email enable enabled encryption engine " +
  "enforce error events exclude excluded execution experience exploit explorer extension extensions feature file files filter " +
  "filtering firewall folder force full google group guard hardware history home host hours icon inbound install integrity internet " +
  "intranet intrusion legacy length level limit list local location lock log logging macros mail malware management " +
  "manager max maximum memory merge microsoft min minimum mode monitoring name names network notification notifications object office " +
  "onedrive outbound override packets page passphrase password passwords pin platform policies policy port prevent print " +
  "printer privacy private process profile profiles protection provider proxy public quarantine quick real realtime reduction remediation " +
  "remote report require reset restrict risk root rule rules sample sandbox scan schedule scheduled screen script scripts search " +
  "security send server service session settings share show sign signature site sites size smart smartscreen software source ssl startup state " +
  "stealth storage store successful support sync system tab telemetry template threat time timezone tls tools traffic trusted " +
  "type update updates url urls usage use user users value version view vpn warning web window windows zone"
)
  .split(" ")
  .sort((a, b) => b.length - a.length);

/** `passwordmanagerenabled` → "Password Manager Enabled", so far as the words are known. */
function spoken(run: string): string {
  const words: string[] = [];
  let unknown = "";
  for (let at = 0; at < run.length; ) {
    const rest = run.slice(at);
    const number = /^\d+/.exec(rest)?.[0];
    const word =
      number ?? (/^[^a-z]/i.test(rest) ? rest.charAt(0) : WORDS.find((known) => rest.startsWith(known)));
    if (word === undefined) {
      unknown += rest.charAt(0);
      at += 1;
      continue;
    }
    if (unknown !== "") words.push(unknown);
    unknown = "";
    if (/[a-z\d]/i.test(word)) words.push(word);
    at += word.length;
  }
  if (unknown !== "") words.push(unknown);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}

/** A setting's name, and the areas that it stands in. */
function partsOf(id: string): { name: string; path: string[] } {
  const own = id.replace(/^(?:device|user)?_?vendor_msft_(?:policy_config_)?/, "");
  const segments = own.split(/[_~]+/).filter((segment) => segment !== "" && segment !== "policy");
  const numbered = /^\d+$/.test(segments.at(-1) ?? "") ? 2 : 1;
  const name = segments.slice(-numbered).map(spoken).join(" ");
  return { name, path: [...new Set(segments.slice(0, -numbered))].slice(0, 3).map(spoken) };
}

function categoryPath(root: string): string[] {
  const { path } = partsOf(root);
  return path.length === 0 ? ["General"] : path;
}

function categoryId(path: readonly string[]): string {
  return new Random("category", ...path).guid();
}

function categoryOf(path: readonly string[]): GraphObject {
  const name = path.at(-1) ?? "";
  return {
    id: categoryId(path),
    displayName: name,
    name,
    description: null,
    helpText: null,
    categoryDescription: null,
    platforms: "windows10",
    technologies: "mdm",
    settingUsage: "configuration",
    // A root is its own parent.
    parentCategoryId: categoryId(path.length > 1 ? path.slice(0, -1) : path),
    rootCategoryId: categoryId(path.slice(0, 1)),
    childCategoryIds: [],
  };
}
