import { redirect } from "next/navigation";
import { sessionUser } from "./session.ts";

export default async function Home() {
  redirect((await sessionUser()) ? "/tenants" : "/sign-in");
}
