import type { Entity } from "./entity.ts";
import { type GraphObject, isObject, type Json, objectsOf } from "./json.ts";

/** How often an object was changed for real, and how often only its volatile fields moved. */
export interface Revision {
  changed: number;
  touched: number;
}

/** Times that Graph moves with every save; which of them an object has depends on its type. */
const MODIFIED = ["lastModifiedDateTime", "modifiedDateTime"];
/** Counters that devices move, not administrators. */
const COUNTERS = ["deployedAppCount", "newUpdates", "deviceCount"];

function later(value: Json | undefined, steps: number): string {
  const from = typeof value === "string" ? Date.parse(value) : Number.NaN;
  const base = Number.isNaN(from) ? Date.UTC(2025, 0, 1) : from;
  return new Date(base + steps * 3_600_000).toISOString().replace("Z", "0000Z");
}

function driftedProps(props: GraphObject, { changed, touched }: Revision): GraphObject {
  const steps = changed + touched;
  const next = { ...props };
  for (const name of MODIFIED) if (name in next) next[name] = later(next[name], steps);
  for (const name of COUNTERS) {
    const count = next[name];
    if (typeof count === "number") next[name] = count + steps;
  }
  if (typeof next.version === "number") next.version += steps;
  if (changed > 0) {
    const mark = `Changed by an administrator (${changed}).`;
    if ("description" in next) {
      next.description = typeof next.description === "string" ? `${next.description} ${mark}`.trim() : mark;
    } else if (typeof next.displayName === "string") {
      next.displayName = `${next.displayName} (${changed})`;
    } else {
      next.description = mark;
    }
  }
  return next;
}

/** The first setting of choice gets its other value, as when an administrator flips a switch. */
function driftedSettings(settings: Json, changed: number): Json {
  let flipped = changed % 2 === 0;
  return objectsOf(settings).map((setting) => {
    const instance = setting.settingInstance;
    if (flipped || !isObject(instance) || !isObject(instance.choiceSettingValue)) return setting;
    const value = instance.choiceSettingValue.value;
    if (typeof value !== "string" || !/_[01]$/.test(value)) return setting;
    flipped = true;
    const other = value.endsWith("_0") ? value.replace(/_0$/, "_1") : value.replace(/_1$/, "_0");
    return {
      ...setting,
      settingInstance: { ...instance, choiceSettingValue: { ...instance.choiceSettingValue, value: other } },
    };
  });
}

/**
 * The entity as it is after `revision`. A change alters what an administrator sees; a touch alters only what
 * makes false diffs: times, version, counters, the order of assignments.
 */
export function drifted(entity: Entity, revision: Revision | undefined): Entity {
  if (!revision) return entity;
  return {
    props: driftedProps(entity.props, revision),
    navigation(name) {
      const value = entity.navigation(name);
      if (name === "assignments" && Array.isArray(value) && revision.touched % 2 === 1)
        return value.toReversed();
      if (name === "settings" && value !== undefined) return driftedSettings(value, revision.changed);
      return value;
    },
  };
}
