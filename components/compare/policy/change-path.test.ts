import { describe, expect, test } from "vitest";
import { groupChanges, pathSteps, pathText, propertyOf } from "./change-path.ts";

const changed = (...path: string[]) => ({ kind: "changed" as const, path, before: 1, after: 2 });

describe("the groups of changes", () => {
  test("are the parts of the policy; what stands at the root comes first", () => {
    const groups = groupChanges([
      changed("scheduledActionsForRule", "[0]", "ruleName"),
      changed("settings", "[a]", "value"),
      changed("description"),
      changed("settings", "[b]", "value"),
    ]);
    expect(groups.map(({ label, changes }) => [label, changes.length])).toEqual([
      ["Properties", 1],
      ["Scheduled actions for rule", 1],
      ["Settings", 2],
    ]);
  });
});

describe("a path", () => {
  const path = ["settings", "[vendor_a]", "settingInstance", "children", "[1]", "value"];

  test("is read below its group's heading, elements of lists told apart", () => {
    expect(pathSteps(path)).toEqual([
      { text: "vendor_a", element: true },
      { text: "settingInstance", element: false },
      { text: "children", element: false },
      { text: "#2", element: true },
      { text: "value", element: false },
    ]);
    expect(pathSteps(["description"])).toEqual([{ text: "description", element: false }]);
  });

  test("has a group's name in place of its id, and says where there is none", () => {
    const id = "5f0c1a2b-1111-4111-8111-111111111111";
    const steps = (name: string | null) =>
      pathSteps(["assignments", `[groupAssignmentTarget ${id}]`], { group: { [id]: { name } } });
    expect(steps("Sales")).toEqual([{ text: "Group Sales", element: true, id }]);
    expect(steps(null)).toEqual([{ text: `Group ${id} (deleted or unknown group)`, element: true }]);
    expect(propertyOf(["conditions", "users", "includeGroups", "[0]"])).toBe("includeGroups");
  });

  test("names the target of an assignment", () => {
    const text = (element: string) => pathSteps(["assignments", `[${element}]`])[0]?.text;
    expect(text("groupAssignmentTarget 1f2e")).toBe("Group 1f2e");
    expect(text("exclusionGroupAssignmentTarget 1f2e")).toBe("Excluded group 1f2e");
    expect(text("allLicensedUsersAssignmentTarget")).toBe("All users");
    expect(text("allDevicesAssignmentTarget #2")).toBe("All devices #2");
    expect(text("somethingNewAssignmentTarget x")).toBe("Something new assignment target x");
  });

  test("is copied with dots and brackets", () => {
    expect(pathText(path)).toBe("settings[vendor_a].settingInstance.children[1].value");
    expect(pathText(["description"])).toBe("description");
  });
});
