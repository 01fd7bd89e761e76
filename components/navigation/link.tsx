"use client";

import NextLink from "next/link";
import type { ComponentProps } from "react";
import { useNavigate } from "./navigation.tsx";

/**
 * A link within TenantPilot. Nothing is fetched ahead: Next.js does so for every link in view, and again after each live
 * update, seventy requests for a page of the schedules table; and of a page that the database makes for each viewer,
 * only its address would come.
 */
export function Link({
  href,
  replace = false,
  scroll = true,
  ...props
}: Omit<ComponentProps<typeof NextLink>, "href" | "prefetch"> & { href: string }) {
  const navigate = useNavigate();
  return (
    <NextLink
      {...props}
      href={href}
      replace={replace}
      scroll={scroll}
      prefetch={false}
      onNavigate={(event) => {
        event.preventDefault();
        navigate(href, { replace, scroll });
      }}
    />
  );
}
