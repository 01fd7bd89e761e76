"use client";

import { VisuallyHidden } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useTransition,
} from "react";
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

/**
 * Knows when another page is on its way. Pages come whole: what is shown stays until the next one is there, which is
 * mostly sooner than a skeleton could be looked at; the frame shows one to those who wait longer.
 */
export function NavigationProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const [kind, setKind] = useState<"page" | "part">("page");
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
      setKind(!scroll || pathname === window.location.pathname || opensOver(pathname) ? "part" : "page");
      start(() => (replace ? router.replace(href, { scroll }) : router.push(href, { scroll })));
    },
    [router],
  );
  return (
    <NavigateContext.Provider value={navigate}>
      <UnderWayContext.Provider value={pending ? kind : null}>{children}</UnderWayContext.Provider>
      <PageSaid />
    </NavigateContext.Provider>
  );
}

/**
 * Says to whoever hears a page instead of seeing it that another one has come, by its heading. When what had the focus has gone
 * with the page before, the keyboard and a screen reader go on at the top of the new one's content, and not at that of the
 * document; what the page itself gives the focus to, has it.
 *
 * Next.js' own announcement speaks whenever the title differs, which is also said to be empty for a moment now and then, and
 * which tells of runs in the background (TabSigns): with every refresh, in the middle of what is being read. It is hidden
 * (app/globals.css).
 */
function PageSaid() {
  const pathname = usePathname();
  const [said, setSaid] = useState("");
  const shown = useRef({ pathname, heading: "" });
  useEffect(() => {
    const heading = document.querySelector("h1")?.textContent ?? "";
    const before = shown.current;
    shown.current = { pathname, heading };
    if (before.pathname === pathname) return;
    // What opens over a page leaves its heading as it is, and tells of itself.
    if (before.heading !== heading) setSaid(heading);
    // After what gives the focus back that a dialog had.
    const timer = setTimeout(() => {
      const { activeElement } = document;
      if (activeElement === null || activeElement === document.body)
        document.getElementById("main")?.focus({ preventScroll: true });
    });
    return () => clearTimeout(timer);
  }, [pathname]);
  return <VisuallyHidden role="status">{said}</VisuallyHidden>;
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
