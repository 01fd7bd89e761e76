import { type GraphObject, type Json, objectsOf } from "../json.ts";
import type { TenantState } from "../tenant.ts";
import { refuse } from "./check-body.ts";

const ABOUT =
  "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection";

/**
 * A legacy policy of endpoint detection and response as Graph holds it: it takes the file of Defender for Endpoint and shows
 * it to nobody. Sources: jseerden/IntuneBackupAndRestore#60, a policy that is refused when it comes back as it was read;
 * andrew-s-taylor/IntuneBackupAndRestore's restore of intents, which leaves out all of the file where Intune fetches it itself.
 * @param before as it was; null: it is made
 * @param after with what was sent
 * @throws GraphError 400 without the file that the policy names, with a placeholder, or with one beside the fetched one
 */
export function withOnboardingFiles(
  tenant: TenantState,
  before: GraphObject | null,
  after: GraphObject,
  sent: readonly GraphObject[],
): GraphObject {
  if (!objectsOf(after.settings).some(({ definitionId }) => String(definitionId).startsWith(ABOUT)))
    return after;
  const isFetched = valueIn(after, "AutoPopulateOnboardingBlob") === true;
  const shown = new Set<string>();
  for (const kind of ["Onboarding", "Offboarding"] as const) {
    const file = valueIn({ settings: [...sent] }, `${kind}Blob`);
    if (isFetched && isText(file)) throw refuse("An error has occurred");
    if (isText(file) && /^\*+$/.test(file)) throw refuse("An error has occurred");
    if (isText(file)) tenant.onboardingFiles.set(`${String(after.id)} ${kind}`, file);
    const name = valueIn(after, `${kind}Filename`);
    const isHeld = before !== null && valueIn(before, `${kind}Filename`) === name;
    if (!isFetched && isText(name) && !isText(file) && !isHeld) throw refuse("An error has occurred");
    shown.add(`${kind}Blob`);
    if (isFetched) shown.add(`${kind}Filename`).add("BlobType");
  }
  return without(after, shown);
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function valueIn(policy: GraphObject, name: string): Json | undefined {
  const found = objectsOf(policy.settings).find(({ definitionId }) => definitionId === `${ABOUT}${name}`);
  return found && (JSON.parse(String(found.valueJson)) as Json);
}

/** The policy with nothing in settings of these names. */
function without(policy: GraphObject, names: ReadonlySet<string>): GraphObject {
  const emptied = (setting: GraphObject): GraphObject =>
    names.has(String(setting.definitionId).replace(ABOUT, ""))
      ? { ...setting, valueJson: "null", value: null }
      : setting;
  return {
    ...policy,
    settings: objectsOf(policy.settings).map(emptied),
    categories: objectsOf(policy.categories).map((category) => ({
      ...category,
      settings: objectsOf(category.settings).map(emptied),
    })),
  };
}
