"use client";

import type { ReactNode } from "react";
import type { Problem } from "#lib/errors";
import { showToast } from "./toast-host.tsx";

/** Short messages in the corner: what was done, or why not. */
export const toast = {
  success(message: ReactNode) {
    showToast({ color: "teal.8", message });
  },
  info(message: ReactNode) {
    showToast({ color: "pilot", message });
  },
  problem(problem: Problem) {
    showToast({ color: "red.8", title: problem.title, message: problem.detail, autoClose: 10_000 });
  },
};
