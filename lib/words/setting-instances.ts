import { isSecret } from "#lib/policies/secrets";
import { codeIn } from "./decoded-code.ts";
import { type DocumentObject, isDocumentObject, objectsIn, textOf } from "./document.ts";
import { isRawId } from "./humanize.ts";
import { keyBelow } from "./property-rows.ts";
import { referenceIn } from "./references.ts";
import type { SettingDefinition, WordContext, WordRow, WordValue } from "./schema.ts";

/** Where a setting stands. */
interface SettingPlace {
  path: readonly (string | number)[];
  /** The key of what it stands below; empty at the top. */
  key: string;
}

/**
 * The settings of a policy of the settings catalog as rows, by category as the portal groups them; in the order of the
 * template, where the policy was made from one.
 * @param settings the document's `settings`: a list of objects with a `settingInstance` each
 * @param template the settings of the template in its order; empty when there is none, or none is known
 */
export function settingRows(
  settings: unknown,
  context: WordContext,
  template: readonly string[] = [],
): WordRow[] {
  const places = new Map(template.map((id, at) => [id, at]));
  const placeOf = ({ key }: WordRow) => places.get(key) ?? template.length;
  const rows = objectsIn(settings).flatMap(({ object, at }) =>
    isDocumentObject(object.settingInstance)
      ? [instanceRow(object.settingInstance, { path: ["settings", at, "settingInstance"], key: "" }, context)]
      : [],
  );
  return byCategory(rows.toSorted((one, other) => placeOf(one) - placeOf(other)));
}

/** Rows of one category together, in the order in which the categories come first; those without one at the end. */
export function byCategory(rows: readonly WordRow[]): WordRow[] {
  const groups = Map.groupBy(rows, ({ category }) => category.join("\u0000"));
  const others = groups.get("") ?? [];
  groups.delete("");
  return [...[...groups.values()].flat(), ...others];
}

/** One setting, with those that depend on it below. */
export function instanceRow(instance: DocumentObject, place: SettingPlace, context: WordContext): WordRow {
  const id = textOf(instance, "settingDefinitionId");
  const definition = context.definition(id);
  const key = keyBelow(place, id);
  const { value, isNamed, children } = content(instance, { path: place.path, key }, { definition, context });
  return {
    key,
    path: [...place.path],
    category: definition?.category_id && place.key === "" ? context.category(definition.category_id) : [],
    name: definition?.name ?? id,
    isNamed: isNamed && definition !== undefined,
    value,
    ...(definition?.description && { note: firstSentence(definition.description) }),
    children,
  };
}

type Content = Pick<WordRow, "value" | "isNamed" | "children">;
interface Known {
  definition: SettingDefinition | undefined;
  context: WordContext;
}

/** What an instance is set to: choice, plain value or group, one of each or many. */
function content(instance: DocumentObject, place: SettingPlace, known: Known): Content {
  const below = (property: string): SettingPlace => ({ ...place, path: [...place.path, property] });
  if (isDocumentObject(instance.choiceSettingValue)) {
    const { text, isNamed } = choiceLabel(instance.choiceSettingValue, known.definition);
    const children = childRows(instance.choiceSettingValue, below("choiceSettingValue"), known.context);
    return { value: { kind: "text", text }, isNamed, children };
  }
  if (Array.isArray(instance.choiceSettingCollectionValue)) {
    const chosen = objectsIn(instance.choiceSettingCollectionValue);
    const labels = chosen.map(({ object }) => choiceLabel(object, known.definition));
    const children = chosen.flatMap(({ object, at }) => {
      const { path } = below("choiceSettingCollectionValue");
      return childRows(object, { path: [...path, at], key: keyBelow(place, at) }, known.context);
    });
    return {
      value: { kind: "list", items: labels.map(({ text }) => text) },
      isNamed: labels.every(({ isNamed }) => isNamed),
      children,
    };
  }
  if (isDocumentObject(instance.simpleSettingValue)) {
    return { ...plainValue(instance.simpleSettingValue, known.context), children: [] };
  }
  if (Array.isArray(instance.simpleSettingCollectionValue)) {
    const values = objectsIn(instance.simpleSettingCollectionValue).map(({ object }) =>
      plainValue(object, known.context),
    );
    return {
      value: { kind: "list", items: values.map(({ value }) => lineOf(value)) },
      isNamed: values.every(({ isNamed }) => isNamed),
      children: [],
    };
  }
  if (isDocumentObject(instance.groupSettingValue)) {
    const children = childRows(instance.groupSettingValue, below("groupSettingValue"), known.context);
    return { value: { kind: "none" }, isNamed: true, children };
  }
  const { path } = below("groupSettingCollectionValue");
  const groups = objectsIn(instance.groupSettingCollectionValue);
  return {
    value: { kind: "none" },
    isNamed: true,
    children: groupRows(groups, { ...place, path }, known.context),
  };
}

/** The groups of a collection, each a heading: by what tells them apart, or else by their number. */
function groupRows(
  groups: readonly { object: DocumentObject; at: number }[],
  place: SettingPlace,
  context: WordContext,
): WordRow[] {
  const identities = identitiesOf(groups.map(({ object }) => object));
  return groups.map(({ object, at }) => {
    const identity = identities?.[at];
    const key = keyBelow(place, identity ?? at);
    const path = [...place.path, at];
    return {
      key,
      path,
      category: [],
      name: identity ?? `Entry ${at + 1}`,
      isNamed: true,
      value: { kind: "none" },
      children: childRows(object, { path, key }, context),
    };
  });
}

/** A text that each group has under the same setting, another one each, such as a rule's name; null where there is none. */
function identitiesOf(groups: readonly DocumentObject[]): string[] | null {
  const texts = groups.map(
    ({ children }) =>
      new Map(
        objectsIn(children).flatMap(({ object }) => {
          const { simpleSettingValue } = object;
          const isShown = isDocumentObject(simpleSettingValue) && !isSecret(simpleSettingValue, "value");
          const value = isShown ? simpleSettingValue.value : undefined;
          return typeof value === "string" && value !== "" && value.length <= 80
            ? [[textOf(object, "settingDefinitionId"), value] as const]
            : [];
        }),
      ),
  );
  const ids = [...(texts[0]?.keys() ?? [])];
  const naming =
    ids.find((id) => /name$/i.test(id) && tellsApart(texts, id)) ?? ids.find((id) => tellsApart(texts, id));
  return naming === undefined ? null : texts.map((text) => text.get(naming) ?? "");
}

function tellsApart(texts: readonly ReadonlyMap<string, string>[], id: string): boolean {
  return new Set(texts.flatMap((text) => text.get(id) ?? [])).size === texts.length;
}

function childRows(value: DocumentObject, place: SettingPlace, context: WordContext): WordRow[] {
  return objectsIn(value.children).map(({ object, at }) =>
    instanceRow(object, { path: [...place.path, "children", at], key: place.key }, context),
  );
}

function choiceLabel(
  chosen: DocumentObject,
  definition: SettingDefinition | undefined,
): { text: string; isNamed: boolean } {
  const id = textOf(chosen, "value");
  const label = definition && Object.hasOwn(definition.options, id) ? definition.options[id] : undefined;
  return { text: label ?? id, isNamed: label !== undefined };
}

function plainValue(object: DocumentObject, context: WordContext): { value: WordValue; isNamed: boolean } {
  if (isSecret(object, "value")) return { value: { kind: "secret" }, isNamed: true };
  const { value } = object;
  if (typeof value !== "string") return { value: { kind: "text", text: String(value ?? "") }, isNamed: true };
  if (value === "") return { value: { kind: "text", text: "Empty" }, isNamed: true };
  const code = codeIn(value, { property: "value", type: "", fileName: "" });
  if (code) return { value: code, isNamed: true };
  const named = isRawId(value) ? referenceIn("", value, context) : null;
  return { value: { kind: "text", text: named?.text ?? value }, isNamed: named?.isNamed ?? true };
}

/** A value that stands in a list. */
function lineOf(value: WordValue): string {
  return value.kind === "text" || value.kind === "code" ? value.text : "Secret";
}

/** What of a description is shown beside a setting. */
export function firstSentence(text: string): string {
  const plain = text.replaceAll(/\s+/g, " ").trim();
  const [first = plain] = plain.split(/(?<=[.!?])(?<!\b(?:e\.g|i\.e|etc)\.)\s+(?=[A-Z])/);
  return first.length <= 200 ? first : `${first.slice(0, first.lastIndexOf(" ", 199))} …`;
}
