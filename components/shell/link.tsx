"use client";

import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link within TenantPilot. Its page is fetched ahead when somebody is about to follow it: a pointer over it, a finger
 * or the focus on it. Next.js's own does so for every link in view, and again after each live update: seventy requests
 * for a page of the schedules table, each of which asks the database.
 */
export function Link({ prefetch, onPointerEnter, onFocus, ...props }: ComponentProps<typeof NextLink>) {
  const [wanted, setWanted] = useState(false);
  return (
    <NextLink
      {...props}
      prefetch={prefetch ?? (wanted ? null : false)}
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
