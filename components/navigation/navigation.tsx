"use client";

import { useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useTransition,
} from "react";
import { PageSaid } from "./page-said.tsx";
import { patientFetch } from "./patient-fetch.ts";

/** Goes to a page of TenantPilot. */
export type Navigate = (href: string, options?: { replace?: boolean; scroll?: boolean }) => void;

/**
 * What is on its way. A `page` takes the place of the one that is shown; a `part` stays with it: other filters of a
 * list, or the details of a run over it.
 */
type UnderWay = "page" | "part" | null;

const NavigateContext = createContext<Navigate>(() => {});
const UnderWayContext = createContext<UnderWay>(null);
const DestinationContext = createContext<string | null>(null);

/**
 * Knows when another page is on its way. Pages come whole: what is shown stays until the next one is there, which is
 * mostly sooner than a skeleton could be looked at; the frame shows one to those who wait longer.
 */
export function NavigationProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const [kind, setKind] = useState<"page" | "part">("page");
  const [destination, setDestination] = useState<string | null>(null);
  useEffect(() => {
    const { fetch } = window;
    window.fetch = patientFetch(fetch.bind(window));
    return () => {
      window.fetch = fetch;
    };
  }, []);
  const navigate = useCallback<Navigate>(
    (href, { replace = false, scroll = true } = {}) => {
      const { pathname } = new URL(href, window.location.href);
      setDestination(pathname);
      setKind(!scroll || pathname === window.location.pathname || opensOver(pathname) ? "part" : "page");
      start(() => (replace ? router.replace(href, { scroll }) : router.push(href, { scroll })));
    },
    [router],
  );
  return (
    <NavigateContext.Provider value={navigate}>
      <UnderWayContext.Provider value={pending ? kind : null}>
        <DestinationContext.Provider value={pending && kind === "page" ? destination : null}>
          {children}
        </DestinationContext.Provider>
      </UnderWayContext.Provider>
      <PageSaid />
    </NavigateContext.Provider>
  );
}

/** Whether a page opens over the tenant's page that is shown: what app/tenants/[tenantId]/@modal has. */
function opensOver(pathname: string): boolean {
  return /^\/tenants\/\d+\/(runs\/\d+|backup-sets\/\d+\/items\/\d+)$/.test(pathname);
}

export function useNavigate(): Navigate {
  return useContext(NavigateContext);
}

export function useUnderWay(): UnderWay {
  return useContext(UnderWayContext);
}

/** The path of the page that is on its way and takes the place of the one that is shown; null when none is. */
export function useDestination(): string | null {
  return useContext(DestinationContext);
}
