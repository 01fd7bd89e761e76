"use client";

import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import type { Problem } from "#lib/errors";

/** Short messages in the corner: what was done, or why not. */
export const toast = {
  success(message: ReactNode) {
    notifications.show({ color: "teal.8", message });
  },
  info(message: ReactNode) {
    notifications.show({ color: "pilot", message });
  },
  problem(problem: Problem) {
    notifications.show({ color: "red.8", title: problem.title, message: problem.detail, autoClose: 10_000 });
  },
};
