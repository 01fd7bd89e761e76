import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import type { Making } from "./kind.ts";

const AREAS = [
  "Defender Antivirus",
  "BitLocker",
  "Windows Update",
  "Microsoft Edge",
  "OneDrive",
  "Passwordless",
  'Wi-Fi "Büro"',
  "Local Administrators",
  "Office Macros",
  "Browser Hardening",
  "Kiosk / Empfang",
  "Device Health",
  "Café & Shop Floor",
  "Privacy",
  "Remote Work 🏠",
  "Finance 財務",
] as const;
const RINGS = ["D", "U", "Ring 1 - Pilot", "Ring 2 - UAT", "Ring 3 - Production", "All Staff"] as const;

/** A name as administrators give them: structured, not always ASCII, and unique by its number. */
export function policyName(making: Making, platform: string): string {
  const random = making.random("name");
  const version = `v${random.int(1, 4)}.${random.int(0, 9)}`;
  return `${platform} - ${random.pick(AREAS)} - ${random.pick(RINGS)} - ${version} #${making.ordinal + 1}`;
}

/** Roughly one policy in three has no description, as in life. */
export function description(random: Random): string {
  return random.pick([
    "",
    "",
    "Managed by the endpoint team.",
    "Baseline for all corporate devices. Do not change without a ticket.",
    "Rolled out 2024-03; see wiki for exceptions.",
    "Zwei Zeilen:\r\nAusnahmen nur über die IT.",
  ]);
}

/** `createdDateTime` and a `lastModifiedDateTime` not before it. */
export function times(random: Random): { createdDateTime: string; lastModifiedDateTime: string } {
  const [first, second] = [random.dateTime(), random.dateTime()].sort();
  return { createdDateTime: first ?? "", lastModifiedDateTime: second ?? "" };
}

/** `["0"]`, the default scope tag, or one of the tenant's own. */
export function scopeTags(making: Making, random: Random): string[] {
  const own = making.world.idIn("deviceManagement/roleScopeTags", random.int(1, 9));
  return own !== undefined && random.chance(0.2) ? [own] : ["0"];
}

/** displayName, description, times, version and scope tags: what nearly every Intune object starts with. */
export function intuneCommon(making: Making, platform: string): GraphObject {
  const random = making.random("common");
  return {
    ...times(random),
    displayName: policyName(making, platform),
    description: description(random),
    roleScopeTagIds: scopeTags(making, random),
    version: random.int(1, 12),
  };
}

const ALL_DEVICES = "adadadad-808e-44e2-905a-0b7873a8a531";
const ALL_USERS = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";

function target(making: Making, random: Random, n: number): { key: string; target: GraphObject } {
  const filter = random.chance(0.3)
    ? making.world.idIn("deviceManagement/assignmentFilters", random.int(0, 99))
    : undefined;
  const filtered = {
    deviceAndAppManagementAssignmentFilterId: filter ?? null,
    deviceAndAppManagementAssignmentFilterType:
      filter === undefined ? "none" : random.pick(["include", "exclude"]),
  };
  const wide = n === 0 ? random.next() : 1;
  if (wide < 0.15) {
    return {
      key: ALL_DEVICES,
      target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget", ...filtered },
    };
  }
  if (wide < 0.3) {
    return {
      key: ALL_USERS,
      target: { "@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget", ...filtered },
    };
  }
  const groupId = making.world.groupId(random.int(0, 9) * 4 + n);
  const excluded = n > 0 && random.chance(0.3);
  return {
    key: groupId,
    target: {
      "@odata.type": excluded
        ? "#microsoft.graph.exclusionGroupAssignmentTarget"
        : "#microsoft.graph.groupAssignmentTarget",
      ...(excluded
        ? {
            deviceAndAppManagementAssignmentFilterId: null,
            deviceAndAppManagementAssignmentFilterType: "none",
          }
        : filtered),
      groupId,
    },
  };
}

/** Up to four assignments, each to another group; the shape that many Intune collections share. */
export function assignments(extra: (random: Random) => GraphObject = () => ({})) {
  return assigned((making, random) => ({ source: "direct", sourceId: making.id, ...extra(random) }));
}

/** Assignments that do not tell where they come from: those of the other collections. */
export const plainAssignments = assigned(() => ({}));

function assigned(extra: (making: Making, random: Random) => GraphObject) {
  return (making: Making): Json => {
    const random = making.random("assignments");
    const count = random.pick([0, 1, 1, 1, 2, 2, 3, 4]);
    return Array.from({ length: count }, (_, n) => {
      const { key, target: to } = target(making, random, n);
      return {
        id: `${making.id}_${key}`,
        ...extra(making, random),
        target: to,
      };
    });
  };
}

/** Text as Graph carries scripts and files: base64 of UTF-8. */
export function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
