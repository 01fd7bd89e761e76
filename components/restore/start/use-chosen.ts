"use client";

import { useCallback, useState } from "react";
import { type ChosenPolicy, chosenKey } from "./restore-start.ts";

/** Policies that are chosen in a list, also on its other pages. */
export interface Chosen {
  policies: readonly ChosenPolicy[];
  has(policy: ChosenPolicy): boolean;
  toggle(policy: ChosenPolicy): void;
  add(policies: readonly ChosenPolicy[]): void;
  remove(policies: readonly ChosenPolicy[]): void;
  clear(): void;
}

/** What is chosen without some: choices on other pages of the list stay. */
export function without(
  chosen: ReadonlyMap<string, ChosenPolicy>,
  policies: readonly ChosenPolicy[],
): ReadonlyMap<string, ChosenPolicy> {
  const after = new Map(chosen);
  for (const policy of policies) after.delete(chosenKey(policy));
  return after;
}

/** The choice of policies in a list. It outlives the page of the list that is shown, and not its set. */
export function useChosen(): Chosen {
  const [chosen, setChosen] = useState<ReadonlyMap<string, ChosenPolicy>>(new Map());
  const toggle = useCallback(
    (policy: ChosenPolicy) =>
      setChosen((before) => {
        const after = new Map(before);
        if (!after.delete(chosenKey(policy))) after.set(chosenKey(policy), policy);
        return after;
      }),
    [],
  );
  const add = useCallback(
    (policies: readonly ChosenPolicy[]) =>
      setChosen(
        (before) => new Map([...before, ...policies.map((each) => [chosenKey(each), each] as const)]),
      ),
    [],
  );
  const remove = useCallback(
    (policies: readonly ChosenPolicy[]) => setChosen((before) => without(before, policies)),
    [],
  );
  const clear = useCallback(() => setChosen(new Map()), []);
  return {
    policies: [...chosen.values()],
    has: (policy) => chosen.has(chosenKey(policy)),
    toggle,
    add,
    remove,
    clear,
  };
}
