import { noGuid } from "#lib/guid";
import { type DocumentObject, objectsIn, textOf } from "./document.ts";
import { enumValue } from "./humanize.ts";
import { comparedReference } from "./references.ts";
import type { WordContext, WordRow } from "./schema.ts";

/** What Intune does to a device that does not comply, as its portal calls it. */
const actionNames: ReadonlyMap<string, string> = new Map([
  ["block", "Mark device noncompliant"],
  ["notification", "Send email to end user"],
  ["pushNotification", "Send push notification to end user"],
  ["remoteLock", "Remotely lock the device"],
  ["retire", "Add device to retire list"],
  ["wipe", "Wipe the device"],
  ["removeResourceAccessProfiles", "Remove resource access profiles"],
]);

/**
 * What happens to devices that do not comply, and when.
 * @param rules the document's `scheduledActionsForRule`
 */
export function complianceActionRows(rules: unknown, context: WordContext): WordRow[] {
  return objectsIn(rules).flatMap(({ object: rule, at: ruleAt }) =>
    objectsIn(rule.scheduledActionConfigurations).map(({ object, at }) => {
      const action = textOf(object, "actionType");
      const template = textOf(object, "notificationTemplateId");
      const identity = context.acrossTenants
        ? comparedReference("notificationMessageTemplate", template, context).text
        : template;
      const place = {
        path: ["scheduledActionsForRule", ruleAt, "scheduledActionConfigurations", at],
        key: `actions/${action}${template === "" || template === noGuid ? "" : `/${identity}`}`,
      };
      return {
        ...place,
        category: [],
        name: actionNames.get(action) ?? enumValue(action),
        isNamed: true,
        value: { kind: "text" as const, text: graceOf(object) },
        children: [...templateRow(template, place, context), ...recipientRow(object, place, context)],
      };
    }),
  );
}

/** Hours of grace as Intune's portal says them: in days, where they are whole ones. */
function graceOf({ gracePeriodHours }: DocumentObject): string {
  if (typeof gracePeriodHours !== "number" || gracePeriodHours <= 0) return "Immediately";
  const [count, unit] =
    gracePeriodHours % 24 === 0 ? [gracePeriodHours / 24, "day"] : [gracePeriodHours, "hour"];
  return `After ${count} ${unit}${count === 1 ? "" : "s"}`;
}

type Place = Pick<WordRow, "path" | "key">;

function templateRow(template: string, place: Place, context: WordContext): WordRow[] {
  if (template === "" || template === noGuid) return [];
  const { text, isNamed } = comparedReference("notificationMessageTemplate", template, context);
  return [childRow("notificationTemplateId", "Message template", [text], isNamed, place)];
}

function recipientRow(object: DocumentObject, place: Place, context: WordContext): WordRow[] {
  const groups = Array.isArray(object.notificationMessageCCList) ? object.notificationMessageCCList : [];
  if (groups.length === 0) return [];
  const names = groups.map((id: unknown) => comparedReference("group", String(id), context));
  return [
    childRow(
      "notificationMessageCCList",
      "Additional recipients",
      names.map(({ text }) => text),
      names.every(({ isNamed }) => isNamed),
      place,
    ),
  ];
}

function childRow(
  property: string,
  name: string,
  said: string[],
  isNamed: boolean,
  { path, key }: Place,
): WordRow {
  const [only = ""] = said;
  return {
    key: `${key}/${property}`,
    path: [...path, property],
    category: [],
    name,
    isNamed,
    value: said.length === 1 ? { kind: "text", text: only } : { kind: "list", items: said },
    children: [],
  };
}
