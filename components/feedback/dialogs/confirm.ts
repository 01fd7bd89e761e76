"use client";

import dynamic from "next/dynamic";

/** The ConfirmDialog of a page, loaded with the first question that it asks. */
export const ConfirmDialog = dynamic(
  () => import("./confirm-dialog.tsx").then((module) => module.ConfirmDialog),
  {
    ssr: false,
  },
);
