"use client";

import NextLink from "next/link";
import { type ComponentProps, useState } from "react";
import { useNavigate } from "./navigation.tsx";

/**
 * A link within TenantPilot. Its page is fetched ahead when somebody is about to follow it: a pointer over it, a finger
 * or the focus on it. Next.js's own does so for every link in view, and again after each live update: seventy requests
 * for a page of the schedules table, each of which asks the database.
 */
export function Link({
  prefetch,
  onPointerEnter,
  onFocus,
  href,
  replace = false,
  scroll = true,
  ...props
}: Omit<ComponentProps<typeof NextLink>, "href"> & { href: string }) {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState(false);
  return (
    <NextLink
      {...props}
      href={href}
      replace={replace}
      scroll={scroll}
      prefetch={prefetch ?? (wanted ? null : false)}
      onNavigate={(event) => {
        event.preventDefault();
        navigate(href, { replace, scroll });
      }}
      onPointerEnter={(event) => {
        onPointerEnter?.(event);
        setWanted(true);
      }}
      onFocus={(event) => {
        onFocus?.(event);
        setWanted(true);
      }}
    />
  );
}
