import { z } from "zod";
import { portfolioShows, portfolioSorts } from "./portfolio-view.ts";

/** What the address of the list of tenants may say. */
export const portfolioParams = {
  search: z.string(),
  show: z.enum(portfolioShows),
  sort: z.enum(portfolioSorts),
  direction: z.enum(["asc", "desc"]),
  page: z.coerce.number().int().min(1),
};
