import type { DocumentChange } from "#lib/compare/document-diff";
import { guidInText } from "#lib/guid";
import { nameOf } from "#lib/names/collect";
import { goneWord, type Names } from "#lib/names/names";

/** The changes of one part of a policy: its settings, its assignments, or what stands at its root. */
export interface ChangeGroup {
  /** The part's property; empty for the root. */
  key: string;
  label: string;
  changes: DocumentChange[];
}

/** Changes under the part of the policy that they belong to, both in the order in which they come; the root first. */
export function groupChanges(changes: readonly DocumentChange[]): ChangeGroup[] {
  const groups = Map.groupBy(changes, ({ path }) => (path.length > 1 ? (path[0] ?? "") : ""));
  return [...groups]
    .sort(([a], [b]) => Number(a !== "") - Number(b !== ""))
    .map(([key, of]) => ({ key, label: key === "" ? "Properties" : wordsOf(key), changes: of }));
}

/** One step of a path as people read it. */
export interface PathStep {
  text: string;
  /** Names an element of a list: a setting, an assignment. */
  element: boolean;
  /** The id whose name stands in the text. */
  id?: string;
}

/**
 * The steps of a change's path below the heading of its group.
 * @param names what ids in elements stand for
 */
export function pathSteps(path: readonly string[], names: Names = {}): PathStep[] {
  const shown = path.length > 1 ? path.slice(1) : path;
  return shown.map((step) => {
    const element = elementOf(step);
    return element === null
      ? { text: step, element: false }
      : { element: true, ...named(elementText(element), names) };
  });
}

/** The property that a value stands in, or in whose list: the last step that is no element. */
export function propertyOf(path: readonly string[]): string | null {
  return path.findLast((step) => elementOf(step) === null) ?? null;
}

/** `Group Sales` for `Group 5f0c…`; an id of what is gone stays, and that is said. */
function named(text: string, names: Names): Pick<PathStep, "text" | "id"> {
  const id = guidInText.exec(text)?.[0];
  const reference = id ? nameOf(names, null, id) : null;
  if (!id || !reference) return { text };
  if (reference.name === null) return { text: `${text} (${goneWord(reference.kind)})` };
  return { text: text.replace(id, reference.name), id };
}

/** `settings[device_vendor_…].settingInstance.value`: a path to copy. */
export function pathText(path: readonly string[]): string {
  return path.map((step, index) => (index > 0 && elementOf(step) === null ? `.${step}` : step)).join("");
}

/** `scheduledActionsForRule` as `Scheduled actions for rule`. */
function wordsOf(property: string): string {
  const words = property.replaceAll(/(?<=[a-z0-9])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function elementOf(step: string): string | null {
  return step.startsWith("[") && step.endsWith("]") ? step.slice(1, -1) : null;
}

const targets: Record<string, string> = {
  groupAssignmentTarget: "Group",
  exclusionGroupAssignmentTarget: "Excluded group",
  allDevicesAssignmentTarget: "All devices",
  allLicensedUsersAssignmentTarget: "All users",
};

function elementText(element: string): string {
  if (/^\d+$/.test(element)) return `#${Number(element) + 1}`;
  const [, type = "", rest = ""] = /^(\w+AssignmentTarget)( .*)?$/.exec(element) ?? [];
  if (type === "") return element;
  return `${Object.hasOwn(targets, type) ? targets[type] : wordsOf(type)}${rest}`;
}
