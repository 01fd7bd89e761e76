"use client";

import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useCallback, useContext, useState, useTransition } from "react";

/** Goes to a page of TenantPilot. */
export type Navigate = (href: string, options?: { replace?: boolean; scroll?: boolean }) => void;

/** What is on its way: `page` takes the place of the one that is shown, `part` changes or covers it. */
type UnderWay = "page" | "part" | null;

const NavigateContext = createContext<Navigate>(() => {});
const UnderWayContext = createContext<UnderWay>(null);

/**
 * Knows when another page is on its way. Pages come whole: what is shown stays until the next one is there, which is
 * mostly sooner than a skeleton could be looked at; the frame shows one to those who wait longer.
 */
export function NavigationProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const [kind, setKind] = useState<"page" | "part">("page");
  const navigate = useCallback<Navigate>(
    (href, { replace = false, scroll = true } = {}) => {
      // What does not scroll to the top belongs to the page that is shown: its filters, a run's details over it.
      setKind(scroll ? "page" : "part");
      start(() => (replace ? router.replace(href, { scroll }) : router.push(href, { scroll })));
    },
    [router],
  );
  return (
    <NavigateContext.Provider value={navigate}>
      <UnderWayContext.Provider value={pending ? kind : null}>{children}</UnderWayContext.Provider>
    </NavigateContext.Provider>
  );
}

export function useNavigate(): Navigate {
  return useContext(NavigateContext);
}

export function useUnderWay(): UnderWay {
  return useContext(UnderWayContext);
}
