import type { Child } from "../policy-type.ts";
import { assignments, DM, permissions } from "./entry.ts";

export const templateFamily = "templateReference.templateFamily";

/** 25 a page whatever is asked for, and announced: the trap of every tool that read the first page alone. */
export const settings: Child = { key: "settings", announcedBy: "settingCount" };

/** What a configurationPolicies type needs. */
export const settingsCatalog = {
  path: `${DM}/configurationPolicies`,
  declares: "deviceManagementConfigurationPolicy",
  permission: permissions.configuration,
  listExpand: "assignments",
  children: [settings, assignments] as readonly Child[],
  exportFolder: "SettingsCatalog",
} as const;
