"use client";

import { Button } from "@mantine/core";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { SecondFactorView } from "#lib/access/second-factor-view";
import { toast } from "../../feedback/toast.ts";
import { AbsoluteTime } from "../../time/instant.tsx";
import { Panel } from "../../ui/panel.tsx";
import profile from "../profile.module.css";
import type { OnBothSteps } from "./both-steps-form.tsx";
import classes from "./second-factor.module.css";
import type { SetUpActions } from "./set-up-dialog.tsx";
import { turnOffWords } from "./turn-off-words.ts";

const SetUpDialog = dynamic(() => import("./set-up-dialog.tsx").then((module) => module.SetUpDialog), {
  ssr: false,
});
const NewCodesDialog = dynamic(
  () => import("./both-steps-dialogs.tsx").then((module) => module.NewCodesDialog),
  { ssr: false },
);
const TurnOffDialog = dynamic(
  () => import("./both-steps-dialogs.tsx").then((module) => module.TurnOffDialog),
  { ssr: false },
);

interface SecondFactorActions extends SetUpActions {
  makeRecoveryCodes: OnBothSteps<{ recovery_codes: string[] }>;
  remove: OnBothSteps<void>;
}

const title = "Two-step sign-in";

/** Turns a second step after the password on and off, and makes recovery codes. */
export function SecondFactorPanel({
  state,
  actions,
}: {
  state: SecondFactorView;
  actions: SecondFactorActions;
}) {
  const { since, recovery_codes_left: left, is_required } = state;
  const router = useRouter();
  const [open, setOpen] = useState<"set_up" | "codes" | "off" | null>(null);
  const close = () => setOpen(null);
  const words = turnOffWords(state);
  return (
    <Panel title={title}>
      <div className={profile.account}>
        {since ? (
          <>
            <p className={profile.note}>
              On since <AbsoluteTime at={since} />. After your password you enter a code of your authenticator
              app.{is_required ? " It is required here." : ""}
            </p>
            <p className={profile.note}>{codesLeft(left)}</p>
            <div className={classes.buttons}>
              <Button variant="default" onClick={() => setOpen("codes")}>
                Make new recovery codes
              </Button>
              <Button variant="default" onClick={() => setOpen("off")}>
                {is_required ? "Use another phone" : "Turn off two-step sign-in"}
              </Button>
            </div>
          </>
        ) : (
          <>
            <p className={profile.note}>
              After your password you then enter a code that an app on your phone makes. Whoever learns your
              password alone does not get in. Everywhere else you are signed out when you turn it on.
            </p>
            <div className={classes.buttons}>
              <Button onClick={() => setOpen("set_up")}>Turn on two-step sign-in</Button>
            </div>
          </>
        )}
      </div>
      {open === "set_up" ? (
        <SetUpDialog
          actions={actions}
          onClose={(isOn) => {
            close();
            if (!isOn) return;
            toast.success("Two-step sign-in is on.");
            router.refresh();
          }}
        />
      ) : null}
      {open === "codes" ? <NewCodesDialog make={actions.makeRecoveryCodes} onClose={close} /> : null}
      {open === "off" ? (
        <TurnOffDialog
          remove={actions.remove}
          words={words}
          onDone={() => {
            close();
            if (words.done) toast.success(words.done);
          }}
          onClose={close}
        />
      ) : null}
    </Panel>
  );
}

/** For who signs in with Microsoft alone. */
export function SecondFactorElsewhere() {
  return (
    <Panel title={title}>
      <p className={profile.note}>
        You sign in with Microsoft, and have no password here. A second step is asked for there, as your
        organization has set it up.
      </p>
    </Panel>
  );
}

function codesLeft(left: number): string {
  if (left === 0) return "No recovery code is left. Without your phone you could not sign in: make new ones.";
  const counted = left === 1 ? "1 recovery code is left" : `${left} recovery codes are left`;
  return `${counted}, for the day on which you do not have your phone.`;
}
