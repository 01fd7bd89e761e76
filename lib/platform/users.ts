import { z } from "zod";
import { containing } from "#lib/db/ilike";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { peopleListed } from "#lib/limits";
import { administratorOperation } from "#lib/operation";
import { present } from "#lib/present";
import { endSessions, makeResetLink, removeSecondFactorOf, setAdministrator, setDisabled } from "./people.ts";
import { type PlatformUser, platformUserView, resetLinkView } from "./schema.ts";

const userOnly = z.strictObject({ user_id: idSchema });
/** People with an account, by name, whose name or address has a text in it. */
export const listUsers = administratorOperation({
  name: "platform.list_users",
  effect: "read",
  input: z.strictObject({
    search: z
      .string()
      .trim()
      .max(200, "must be at most 200 characters")
      .default("")
      .meta({ description: "A part of the name or address, in any letter case" }),
  }),
  output: z.array(platformUserView),
  http: {
    method: "GET",
    path: "/platform/users",
    operationId: "listUsers",
    summary: "People with an account",
    description: `The first ${peopleListed} in the order of their names; search for others. Not paged.`,
    tag: "Platform",
    answer: "In the order of their names",
  },
  async run({ db }, { search }) {
    const rows = await db.$queryRaw<(Omit<PlatformUser, "created_at"> & { created_at: Date })[]>`
      SELECT u.id, u.email, u.name, u.created_at, u.disabled_at IS NOT NULL AS is_disabled, u.is_platform_admin,
             EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
               AS has_second_factor,
             (SELECT count(*)::int FROM memberships m WHERE m.user_id = u.id) AS tenants
      FROM users u WHERE u.name ILIKE ${containing(search)} OR u.email ILIKE ${containing(search)}
      ORDER BY lower(u.name), u.id LIMIT ${peopleListed}`;
    return rows.map((row) => present(platformUserView, row));
  },
});

/** Disables an account: the person cannot sign in, and their sessions and tokens end. @throws AppError NOT_FOUND; CONFLICT */
export const disableUser = administratorOperation({
  name: "platform.disable_user",
  effect: "write",
  input: userOnly,
  output: z.void(),
  http: {
    method: "POST",
    path: "/platform/users/{userId}/disable",
    operationId: "disableUser",
    summary: "Disable an account",
    tag: "Platform",
    status: 204,
    answer: "Disabled; its sessions have ended, and the tokens that it made work no more",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, { user_id }) {
    if (user_id === by.id)
      throw new AppError("CONFLICT", "You cannot disable yourself. Ask another platform administrator.");
    await setDisabled(db, by, { id: user_id }, true);
  },
});

/** Enables an account again. @throws AppError NOT_FOUND */
export const enableUser = administratorOperation({
  name: "platform.enable_user",
  effect: "write",
  input: userOnly,
  output: z.void(),
  http: {
    method: "POST",
    path: "/platform/users/{userId}/enable",
    operationId: "enableUser",
    summary: "Enable an account again",
    tag: "Platform",
    status: 204,
    answer: "Enabled; sessions that had ended do not come back",
  },
  async run({ db, by }, { user_id }) {
    await setDisabled(db, by, { id: user_id }, false);
  },
});

/** Makes a person a platform administrator. @throws AppError NOT_FOUND; CONFLICT when their account is disabled */
export const makeUserAdministrator = administratorOperation({
  name: "platform.make_administrator",
  effect: "write",
  input: userOnly,
  output: z.void(),
  http: {
    method: "PUT",
    path: "/platform/users/{userId}/administrator",
    operationId: "makeAdministrator",
    summary: "Make a person a platform administrator",
    tag: "Platform",
    status: 204,
    answer: "They are one",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, { user_id }) {
    await setAdministrator(db, by, { id: user_id }, true);
  },
});

/** Takes platform administration from another person. @throws AppError NOT_FOUND; CONFLICT */
export const unmakeUserAdministrator = administratorOperation({
  name: "platform.unmake_administrator",
  effect: "write",
  input: userOnly,
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/platform/users/{userId}/administrator",
    operationId: "unmakeAdministrator",
    summary: "Take platform administration from another person",
    description: "What they have done stays. Nobody takes it from themselves.",
    tag: "Platform",
    status: 204,
    answer: "They are none",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, { user_id }) {
    if (user_id === by.id)
      throw new AppError(
        "CONFLICT",
        "You cannot take platform administration from yourself. Ask another platform administrator.",
      );
    await setAdministrator(db, by, { id: user_id }, false);
  },
});

/** Ends all sessions of a person. @throws AppError NOT_FOUND */
export const endUserSessions = administratorOperation({
  name: "platform.end_user_sessions",
  effect: "write",
  input: userOnly,
  output: z.strictObject({ ended: z.int() }),
  http: {
    method: "POST",
    path: "/platform/users/{userId}/end-sessions",
    operationId: "endUserSessions",
    summary: "End all sessions of a person",
    tag: "Platform",
    answer: "How many ended",
  },
  async run({ db, by }, { user_id }) {
    return { ended: await endSessions(db, by, { id: user_id }) };
  },
});

/** Makes a link by which a person chooses a new password. @throws AppError NOT_FOUND; CONFLICT as `makeResetLink` */
export const makeUserResetLink = administratorOperation({
  name: "platform.make_reset_link",
  effect: "write",
  input: userOnly,
  output: resetLinkView,
  http: {
    method: "POST",
    path: "/platform/users/{userId}/reset-link",
    operationId: "makeResetLink",
    summary: "Make a link by which a person chooses a new password",
    description: "An earlier link stops working. When it is used, all of the person's sessions end.",
    tag: "Platform",
    status: 201,
    answer: "The link, this once",
    errors: ["CONFLICT"],
  },
  run({ db, by }, { user_id }) {
    return makeResetLink(db, by, { id: user_id });
  },
});

/**
 * Turns a person's two-step sign-in off, who lost what it asks for; their sessions end.
 * @throws AppError NOT_FOUND; CONFLICT for one's own, which asks for password and code on the page Profile
 */
export const removeUserSecondFactor = administratorOperation({
  name: "platform.remove_user_second_factor",
  effect: "write",
  input: userOnly,
  output: z.strictObject({ removed: z.boolean().meta({ description: "False when it was off" }) }),
  http: {
    method: "POST",
    path: "/platform/users/{userId}/remove-second-factor",
    operationId: "removeUserSecondFactor",
    summary: "Turn a person's two-step sign-in off",
    description:
      "For somebody who lost the authenticator app and the recovery codes. The password stays; all of their sessions end.",
    tag: "Platform",
    answer: "Whether it was on",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, { user_id }) {
    if (user_id === by.id)
      throw new AppError(
        "CONFLICT",
        "Turn your own off on the page Profile, or ask another platform administrator.",
      );
    return { removed: await removeSecondFactorOf(db, by, { id: user_id }) };
  },
});
