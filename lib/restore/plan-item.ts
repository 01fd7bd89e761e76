import { diffDocuments } from "#lib/compare/document-diff";
import { writingOf } from "#lib/policies/write";
import type { AssignRule, PartRule, WriteRule } from "#lib/policies/write/write-rule";
import { guardAccess, normalAccess } from "./conditional-access.ts";
import { appliesTo, comparable, sendable, sendableAssignments } from "./content.ts";
import { type Document, isDocument, join, same, typeOf, without } from "./document.ts";
import { conflicts, impossible, nameProperty, onlyAssigned } from "./guards.ts";
import { withImported } from "./imported-settings.ts";
import { isMoving, notOffered, spellingsFor, successorReasons } from "./offers.ts";
import { createdActions, intentSettings, planPart } from "./parts.ts";
import type { ItemPlan, Reason, RestoreInput, Stays, WriteRequest } from "./plan.ts";
import { rewriteReferences } from "./references.ts";
import { withSecrets } from "./secrets.ts";
import { withSpellings } from "./spellings.ts";
import { withoutWithheld } from "./withheld.ts";

/** Stands in a path or body for the id of the object that the same plan makes. */
const NEW_ID = "{id}";

const NO_TEMPLATE = "00000000-0000-0000-0000-000000000000";

/**
 * What a restore of one policy would do: nothing, the requests that do it, what a person must decide before, or why it
 * cannot be done. Nothing is asked of Graph: the live object comes with the input.
 */
export function planItem(input: RestoreInput): ItemPlan {
  const { type, mode } = input;
  const rule = writingOf(type.key);
  if ("cannot" in rule) return { outcome: "impossible", why: rule.cannot, changes: [] };
  const isAccess = type.key === "conditionalAccessPolicy";
  const spellings = spellingsFor(input, rule);
  const normal = (document: Document) =>
    isAccess ? normalAccess(document) : withSpellings(document, spellings);
  const live = mode.kind === "copy" || input.live === null ? null : normal(input.live);
  // A copy has none of its own: it gets what Graph gives it, and nobody else is moved aside.
  const unasked = rule.parts.flatMap(({ kind, of }) =>
    kind === "setPriority" && input.backup[of] === undefined ? [of] : [],
  );
  const before = live === null ? {} : without(comparable(live, type, rule), unasked);
  const rewritten = rewriteReferences(normal(input.backup), rule, input.resolve);
  const imported = withImported(rewritten.document, live, input.offers?.imported);
  const renamed = withPrefix(imported.document, input);
  const access = isAccess ? guardAccess(renamed, live, emergency(input)) : null;
  const guarded = access?.document ?? renamed;
  const given = input.secrets ?? new Map<string, string>();
  const sent = Object.keys(sendable(guarded, type, rule));
  const secured = withSecrets(guarded, live, given, sent);
  const wanted = secured.document;
  // What was given is written, and never shown again.
  const shown = given.size === 0 ? wanted : withSecrets(guarded, live, masked(given), sent).document;
  const assignOnly = mode.kind === "assignments" || onlyAssigned(input, rule);
  const all = diffDocuments(before, comparable(wanted, type, rule));
  const visible = given.size === 0 ? all : diffDocuments(before, comparable(shown, type, rule));
  const changes = assignOnly ? visible.filter(({ path: [root = ""] }) => isAssignment(root)) : visible;
  const compared = { changes, sides: { live, backup: shown } };
  if (live !== null && all.length === 0) {
    const nothing = { requests: [], stays: [], pending: [], confirm: [], later: [] };
    return { outcome: "unchanged", ...compared, ...nothing };
  }

  const why =
    impossible(input, rule) ?? isMoving(live, rule) ?? (assignOnly ? null : notOffered(input, live, rule));
  if (why !== null) return { outcome: "impossible", why, ...compared };
  const reasons = [...rewritten.reasons];
  if (assignOnly && live === null)
    reasons.push({
      code: "no_live_object",
      path: "",
      message: "There is no live policy whose assignments could be restored.",
    });
  reasons.push(...successorReasons(input, live, rule));
  if (!assignOnly) {
    reasons.push(...imported.reasons, ...secured.reasons, ...(access?.reasons ?? []));
    if (live !== null) reasons.push(...conflicts(wanted, live, rule));
  }
  const blocking = assignOnly ? reasons.filter(concernsAssignments) : reasons;
  if (blocking.length > 0) return { outcome: "blocked", reasons: blocking, ...compared };

  const writing: Writing = { input, rule, wanted, live, object: objectPath(input, live) };
  const planned = planRequests(writing, assignOnly);
  const common = { ...compared, stays: planned.stays, pending: rewritten.pending };
  const confirm = [...(rule.confirmation ? [rule.confirmation] : []), ...(access?.confirm ?? [])];
  if (planned.requests.length === 0)
    return { outcome: "unchanged", ...common, requests: [], confirm: [], later: [] };
  const later =
    access?.laterState && !assignOnly
      ? [
          {
            why: "The backup has the policy enabled: a person enables it when it reports what is expected.",
            request: requestOf(writing, "PATCH", { state: access.laterState }, {}),
          },
        ]
      : [];
  const outcome = live === null ? "create" : planned.onlyAssigns ? "assign" : "update";
  return { outcome, ...common, requests: planned.requests, confirm, later };
}

function masked(given: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...given.keys()].map((path) => [path, "********"]));
}

/** Where nothing but assignments is written, nothing else stands in the way. */
function concernsAssignments({ path }: Reason): boolean {
  return path === "" || isAssignment(path.split("/")[0] ?? "");
}

function isAssignment(root: string): boolean {
  return root === "assignments" || root === "roleAssignments";
}

function emergency({ breakGlass }: RestoreInput) {
  return breakGlass ?? { users: [], groups: [] };
}

/** The document under the name that its copy gets, without a priority; as it is where it is no copy. */
export function withPrefix(
  document: Document,
  { type, mode }: Pick<RestoreInput, "type" | "mode">,
): Document {
  if (mode.kind !== "copy") return document;
  const rule = writingOf(type.key);
  const parts = "cannot" in rule ? [] : rule.parts;
  // The original keeps its own: Graph would move it aside.
  const left = parts.flatMap(({ kind, of }) => (kind === "setPriority" ? [of] : []));
  const name = nameProperty(type, document);
  return { ...without(document, left), [name]: `${mode.prefix}${String(document[name] ?? "")}` };
}

interface Writing {
  input: RestoreInput;
  rule: WriteRule;
  wanted: Document;
  live: Document | null;
  /** Path of the object; ends in `{id}` where it is made. */
  object: string;
}

/** The collection in which objects of the document's kind are made. */
function collectionPath({ type, backup }: RestoreInput): string {
  return type.typed?.[typeOf(backup)]?.path ?? type.path;
}

function objectPath(input: RestoreInput, live: Document | null): string {
  if (input.type.single) return input.type.path;
  return join(collectionPath(input), live === null ? NEW_ID : String(live[input.type.idProperty]));
}

function requestOf(
  { input, rule, object }: Writing,
  method: WriteRequest["method"],
  body: Document,
  change: Partial<WriteRequest>,
): WriteRequest {
  return {
    method,
    version: input.type.version,
    path: object,
    body,
    stage: rule.stage,
    creates: false,
    ...change,
  };
}

interface Requests {
  requests: WriteRequest[];
  stays: Stays[];
  onlyAssigns: boolean;
}

function planRequests(writing: Writing, assignOnly: boolean): Requests {
  const { rule, live, input } = writing;
  const roles = rule.parts.filter(({ kind }) => kind === "roleAssignments");
  const made = () => [...bringBackRequests(writing), ...createRequests(writing)];
  const own = assignOnly ? [] : live === null ? made() : updateRequests(writing, live);
  const parts = assignOnly ? roles : rule.parts;
  const planned = parts
    .filter((part) => isDue(part, writing))
    .map((part) => planPart({ ...writing, part, version: input.type.version, graphUrl: input.graphUrl }));
  const assigned = assignRequests(writing);
  const rest = planned.flatMap(({ requests }) => requests);
  return {
    requests: [...own, ...rest, ...assigned.requests],
    stays: [...planned.flatMap(({ stays }) => stays), ...assigned.stays],
    onlyAssigns: own.length === 0 && rest.every(({ stage }) => stage === "roleAssignment"),
  };
}

/** Whether a part differs, and does not come with the object itself. */
function isDue(part: PartRule, { wanted, live, rule, input }: Writing): boolean {
  if (!appliesTo(part.of, wanted, input.type)) return false;
  if (live === null) return part.createdInline !== true && wanted[part.of] !== undefined;
  const of = (document: Document): Document => {
    const all = comparable(document, input.type, rule);
    // The group of apps is set together with them.
    return { [part.of]: all[part.of], ...(part.kind === "targetApps" && { appGroupType: all.appGroupType }) };
  };
  const right = of(wanted);
  return right[part.of] !== undefined && diffDocuments(of(live), right).length > 0;
}

/** What was deleted comes back under its own id, so that all that names it finds it: tried before another one is made. */
function bringBackRequests(writing: Writing): WriteRequest[] {
  const { rule, input } = writing;
  const { deleted } = rule;
  const id = input.backup[input.type.idProperty];
  if (deleted === null || input.mode.kind !== "inPlace" || typeof id !== "string") return [];
  if (!input.offers?.deleted.some((one) => one.path === deleted.path && one.id === id)) return [];
  const path = join(join(deleted.path, encodeURIComponent(id)), "restore");
  return [requestOf(writing, "POST", {}, { version: "beta", path, creates: true, bringsBack: id })];
}

function createRequests(writing: Writing): WriteRequest[] {
  const { rule, wanted, input } = writing;
  if ("never" in rule.create) return [];
  const body = {
    ...withoutWithheld(without(sendable(wanted, input.type, rule), rule.stripOnCreate)),
    ...inlineParts(writing),
  };
  if (rule.create.from === "template") {
    const path = `deviceManagement/templates/${String(wanted.templateId)}/createInstance`;
    const { displayName, description, roleScopeTagIds } = wanted;
    const settingsDelta = intentSettings(wanted);
    return [
      requestOf(
        writing,
        "POST",
        { displayName, description, settingsDelta, roleScopeTagIds },
        { path, creates: true },
      ),
    ];
  }
  const path = collectionPath(input);
  const first = rule.create.first;
  if (first === null) return [requestOf(writing, "POST", body, { path, creates: true })];
  const has = (name: string) => first.includes(name);
  const part = (keep: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => name === "@odata.type" || keep(name)));
  return [
    requestOf(writing, "POST", part(has), { path, creates: true }),
    requestOf(
      writing,
      rule.update.method,
      without(
        part((name) => !has(name)),
        rule.stripOnUpdate,
      ),
      {},
    ),
  ];
}

/** Parts that Graph wants in the create request, in the form that it takes. */
function inlineParts({ rule, wanted }: Writing): Document {
  const { notificationTemplates } = wanted;
  return {
    ...(rule.inline.includes("scheduledActionsForRule") && {
      scheduledActionsForRule: createdActions(wanted.scheduledActionsForRule),
    }),
    // Graph gives each kind of notification a template of its own.
    ...(Array.isArray(notificationTemplates) && {
      notificationTemplates: notificationTemplates.map((one) =>
        String(one).replace(/_.*$/, `_${NO_TEMPLATE}`),
      ),
    }),
  };
}

function updateRequests(writing: Writing, live: Document): WriteRequest[] {
  const { rule, wanted, input } = writing;
  const bodyOf = (document: Document) => without(sendable(document, input.type, rule), rule.stripOnUpdate);
  const [left, right] = [bodyOf(live), bodyOf(wanted)];
  if (diffDocuments(left, right).length === 0) return [];
  if (rule.update.method === "PUT") return [requestOf(writing, "PUT", withoutWithheld(right), {})];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const body: Record<string, unknown> = {};
  for (const name of names) {
    if (diffDocuments({ value: left[name] ?? null }, { value: right[name] ?? null }).length === 0) continue;
    body[name] = Object.hasOwn(right, name) ? withNulls(right[name], left[name]) : emptied(left[name]);
  }
  if (typeOf(wanted) !== "") body["@odata.type"] = wanted["@odata.type"];
  return [requestOf(writing, "PATCH", withoutWithheld(body), {})];
}

/** PATCH merges: what the live value has and the backup lacks is named, or it would stay. */
function withNulls(wanted: unknown, live: unknown): unknown {
  if (!isDocument(wanted) || !isDocument(live)) return wanted;
  if (typeOf(wanted) !== typeOf(live)) return wanted;
  const lacking = Object.keys(live).filter((name) => !Object.hasOwn(wanted, name));
  return {
    ...Object.fromEntries(
      Object.entries(wanted).map(([name, value]) => [name, withNulls(value, live[name])]),
    ),
    ...Object.fromEntries(lacking.map((name) => [name, emptied(live[name])])),
  };
}

/** What a property is when nobody has set it: most take null; lists are empty, and a switch is off. */
function emptied(live: unknown): unknown {
  if (Array.isArray(live)) return [];
  return typeof live === "boolean" ? false : null;
}

function assignRequests(writing: Writing): { requests: WriteRequest[]; stays: Stays[] } {
  const { rule, wanted, live } = writing;
  const { assign } = rule;
  if (assign === null) return { requests: [], stays: [] };
  const list = sendableAssignments(wanted, rule);
  const there = live === null ? [] : sendableAssignments(live, rule);
  // Kinds of a collection that have no assignments at all.
  if (wanted.assignments === undefined) return { requests: [], stays: [] };
  if (diffDocuments(there, list).length === 0) return { requests: [], stays: [] };
  return "oneByOne" in assign ? assignEach(writing, list, there) : assignAtOnce(writing, assign, list);
}

function assignAtOnce(
  writing: Writing,
  { path, key }: Exclude<AssignRule, { oneByOne: true }>,
  list: readonly Document[],
): { requests: WriteRequest[]; stays: Stays[] } {
  const body = { [key]: list };
  return {
    requests: [requestOf(writing, "POST", body, { path: join(writing.object, path), stage: "assignment" })],
    stays: [],
  };
}

function assignEach(
  writing: Writing,
  list: readonly Document[],
  there: readonly Document[],
): { requests: WriteRequest[]; stays: Stays[] } {
  const lacking = list.filter((one) => !there.some((other) => same(one, other)));
  const path = join(writing.object, "assignments");
  return {
    requests: lacking.map((one) =>
      requestOf(writing, "POST", one, { path, stage: "assignment", adds: true }),
    ),
    stays: there
      .filter((one) => !list.some((other) => same(one, other)))
      .map(({ target }) => ({
        path: "assignments",
        what: isDocument(target) && typeof target.groupId === "string" ? target.groupId : typeOf(target),
      })),
  };
}

/** A request with the id of the object that an earlier one made. */
export function withNewId(request: WriteRequest, id: string): WriteRequest {
  const replaced = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(NEW_ID, id);
    if (Array.isArray(value)) return value.map(replaced);
    if (!isDocument(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner)]));
  };
  if (request.creates) return request;
  // Only links that a builder made hold the place of the id: nothing of the policy's own text is touched.
  const body = Object.fromEntries(
    Object.entries(request.body).map(([name, value]) => [
      name,
      name.includes("@odata.bind") ? replaced(value) : value,
    ]),
  );
  return { ...request, path: request.path.replace(NEW_ID, encodeURIComponent(id)), body };
}
